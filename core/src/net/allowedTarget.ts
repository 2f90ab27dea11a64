/**
 * One item of ALLOWED_TARGETS: a host, host:port, address, [IPv6]:port or CIDR that may be called although the address guard
 * would refuse it. Cloud metadata cannot be allowed: judgeTarget.ts refuses it whatever stands here.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface AllowedTarget {
  /** In lower case, as people compare it. */
  readonly text: string;
  /** A name, canonical; `undefined`: addresses. */
  readonly host: string | undefined;
  /** CIDR notation; of one address too. */
  readonly range: string | undefined;
  /** `undefined`: every port. */
  readonly port: number | undefined;
}

const HOST = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*$/;
/** `127.1` or `0x7f.1`: a URL turns it into another spelling, so that it would never be met. */
const NUMERIC = /(^|\.)(\d+|0x[0-9a-f]*)$/;

/** @throws Error naming what was expected */
export function parseAllowedTarget(item: string): AllowedTarget {
  const text = item.toLowerCase();
  const target = parseRange(text) ?? parseHostAndPort(text);
  if (!target) throw new Error(`expected a host, host:port, address or CIDR, got "${item}"`);
  return { text, ...target };
}

type Parsed = Omit<AllowedTarget, 'text'>;

function parseRange(text: string): Parsed | undefined {
  if (isIP(text) !== 0) return ofAddress(text, undefined);
  const isRange = text.includes('/') && ipaddr.isValidCIDR(text) && isIP(text.split('/')[0] ?? '') !== 0;
  return isRange ? { host: undefined, range: text, port: undefined } : undefined;
}

function parseHostAndPort(text: string): Parsed | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:/[\]]+))(?::(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const [, ipv6, host = '', digits] = match;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && !(port >= 1 && port <= 65_535)) return undefined;
  if (ipv6 !== undefined) return isIP(ipv6) === 6 ? ofAddress(ipv6, port) : undefined;
  if (isIP(host) === 4) return ofAddress(host, port);
  return HOST.test(host) && !NUMERIC.test(host) ? { host, range: undefined, port } : undefined;
}

function ofAddress(address: string, port: number | undefined): Parsed {
  const plain = ipaddr.process(address); // an IPv4-mapped one is the IPv4 address
  return { host: undefined, range: `${plain.toString()}/${plain.kind() === 'ipv4' ? 32 : 128}`, port };
}
