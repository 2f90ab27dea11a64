/** Bound to loopback, only this machine comes in. Bound to anything else, nothing starts before its doors have locks. Pure. */
import { isIPv4 } from 'node:net';

export function isLoopback(address: string): boolean {
  const name = address
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

/**
 * @param locks by the setting's name, whether it is set
 * @returns one line for the operator; `undefined` when all is well
 */
export function openDoorsFault(bind: string, locks: Readonly<Record<string, boolean>>): string | undefined {
  const open = Object.keys(locks).filter((name) => !locks[name]);
  if (isLoopback(bind) || open.length === 0) return undefined;
  const example = open.map((name) => `${name}=$(openssl rand -hex 32)`).join(' ');
  return `HTTP_BIND=${bind} lets others in: set ${open.join(' and ')} first, for example ${example} (docs/access.md)`;
}
