/** One item of ALLOWED_TARGETS: a host, host:port, address, [IPv6]:port or CIDR. */
import { isIP } from 'node:net';

const HOST = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*$/i;

/** Returns the item in lower case. @throws Error naming what was expected */
export function parseAllowedTarget(item: string): string {
  const isKnown = isIP(item) !== 0 || isRange(item) || isHostAndPort(item);
  if (!isKnown) throw new Error(`expected a host, host:port, address or CIDR, got "${item}"`);
  return item.toLowerCase();
}

function isRange(item: string): boolean {
  const [address = '', bits = '', ...more] = item.split('/');
  const family = isIP(address);
  return more.length === 0 && family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

function isHostAndPort(item: string): boolean {
  const match = /^(?:\[([^\]]+)\]|([^:/[\]]+))(?::(\d{1,5}))?$/.exec(item);
  if (!match) return false;
  const [, ipv6, host, port] = match;
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535)) return false;
  return ipv6 === undefined ? HOST.test(host ?? '') : isIP(ipv6) === 6;
}
