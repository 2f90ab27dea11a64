/** The addresses of a name, from the system's resolver. */
import { lookup } from 'node:dns/promises';

export async function lookUpAddresses(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true, order: 'ipv4first' });
  return found.map(({ address }) => address);
}
