/** A resolver's address in DNS_SERVERS: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`. */
import { isIP } from 'node:net';

/** @throws Error naming what was expected */
export function parseDnsServer(item: string): string {
  const [, ipv6, ipv4, port] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(item) ?? [];
  const isKnown = isIP(item) !== 0 || isIP(ipv6 ?? '') === 6 || isIP(ipv4 ?? '') === 4;
  const isPort = port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
  if (!isKnown || !isPort) throw new Error(`expected address or address:port, got "${item}"`);
  return item;
}
