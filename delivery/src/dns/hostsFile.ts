/**
 * The hosts file, which goes before the resolver: localhost, `extra_hosts` of a container, what an operator wrote there. Read
 * again when it is older than a few seconds; one that cannot be read is empty.
 */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

export interface HostsFile {
  /** The addresses of a name; empty when it does not stand there. */
  find(name: string): Promise<readonly string[]>;
}

const KEPT_MS = 5_000;

export function createHostsFile(path = '/etc/hosts', now: () => number = () => performance.now()): HostsFile {
  let reading: Promise<ReadonlyMap<string, readonly string[]>> | undefined;
  let readAt = 0;
  return {
    find: async (name) => {
      if (!reading || now() - readAt > KEPT_MS) {
        readAt = now();
        reading = readFile(path, 'utf8').then(parseHosts, () => new Map<string, readonly string[]>());
      }
      return (await reading).get(name.toLowerCase()) ?? [];
    },
  };
}

/** name → addresses, IPv4 first. */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names.map((written) => written.toLowerCase())) {
      const addresses = found.get(name) ?? [];
      if (!addresses.includes(address)) found.set(name, [...addresses, address]);
    }
  }
  for (const addresses of found.values()) addresses.sort((a, b) => isIP(a) - isIP(b));
  return found;
}
