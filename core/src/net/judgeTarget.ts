/**
 * May this be called? The judge of the address guard, asked three times for each connection: about the host as it stands in the
 * URL (at ingest and at delivery), about every address that its name stands for now, and about the address that a socket has reached.
 * Pure: it looks nothing up and dials nothing.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { addressFault, type AddressFault } from './addressFault.js';
import type { AllowedTarget } from './allowedTarget.js';

export interface Target {
  /** A name or an address, as in a URL: IPv6 with or without its brackets. */
  readonly host: string;
  readonly port: number;
}

export type Verdict =
  | { readonly kind: 'allowed' }
  /** `detail`: why, and the setting that would permit it if there is one. */
  | { readonly kind: 'forbidden'; readonly detail: string };

/** `destination`: scheme://host:port, always with its port. */
export function targetOf(destination: string): Target {
  const at = destination.lastIndexOf(':');
  return { host: destination.slice(destination.indexOf('//') + 2, at), port: Number(destination.slice(at + 1)) };
}

const ALLOWED: Verdict = { kind: 'allowed' };

/** Where clouds answer with credentials, by name. */
const METADATA_NAMES = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'metadata.platformequinix.com',
  'instance-data',
  'instance-data.ec2.internal',
]);

/** Of the stack (docker-compose.yml), and of the machine itself. */
const OWN_NAMES = new Set([
  ...['redis', 'ingest', 'delivery', 'dashboard', 'nginx', 'secrets', 'sink', 'loadtest', 'prometheus'],
  ...['localhost', 'localhost4', 'localhost6', 'ip6-localhost', 'ip6-loopback'],
]);

/** Names that mean something else in every network (RFC 6761, RFC 6762, RFC 8375, ICANN on .internal). */
const PRIVATE_SUFFIXES = ['.localhost', '.localdomain', '.local', '.internal', '.home.arpa'];

/** About the host as it is written, without asking anybody what it stands for. */
export function judgeHost(target: Target, allowed: readonly AllowedTarget[]): Verdict {
  if (target.port === 0) return { kind: 'forbidden', detail: 'port 0 cannot be called' };
  const host = canonicalHost(target.host);
  if (host === undefined) return { kind: 'forbidden', detail: `"${target.host}" is not the name of a host` };
  if (isIP(host) !== 0) return judgeAddresses({ ...target, host }, [host], allowed);
  if (METADATA_NAMES.has(host)) return metadata(host);
  if (isAllowedName(host, target.port, allowed)) return ALLOWED;
  const isOwn = OWN_NAMES.has(host);
  if (!isOwn && !PRIVATE_SUFFIXES.some((suffix) => host.endsWith(suffix))) return ALLOWED;
  const what = isOwn ? 'a name of this machine or of this stack' : 'a name of a private network';
  return forbidden({ host, port: target.port }, `${host} is ${what}`);
}

/** About what a name stands for: all of it must be fit, so that a mixed answer is no way in. */
export function judgeAddresses(
  { host, port }: Target,
  addresses: readonly string[],
  allowed: readonly AllowedTarget[],
): Verdict {
  const name = canonicalHost(host) ?? host;
  const isExempt = isAllowedName(name, port, allowed);
  for (const address of addresses) {
    const fault = addressFault(address);
    if (!fault) continue;
    const leads = address === name ? name : `${name} leads to ${address}, which`;
    if (fault.isMetadata) return metadata(leads);
    if (isExempt || isAllowedAddress(address, port, allowed)) continue;
    return forbidden({ host: name, port }, describe(leads, fault));
  }
  return ALLOWED;
}

function describe(subject: string, { what }: AddressFault): string {
  return `${subject} is ${what}`;
}

function metadata(subject: string): Verdict {
  return { kind: 'forbidden', detail: `${subject} is a cloud metadata address; no setting permits it` };
}

function forbidden({ host, port }: Target, detail: string): Verdict {
  const place = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
  return { kind: 'forbidden', detail: `${detail}; ALLOWED_TARGETS=${place} would permit it` };
}

/** The one spelling of it that a URL has (WHATWG URL), without brackets and without dots at its end. */
function canonicalHost(host: string): string | undefined {
  const written = isIP(host) === 6 ? `[${host}]` : host;
  if (!/^(\[[^\]]+\]|[^/?#@:\\]+)$/.test(written) || !URL.canParse(`http://${written}/`)) return undefined;
  const plain = new URL(`http://${written}/`).hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  return plain === '' ? undefined : plain;
}

function isAllowedName(host: string, port: number, allowed: readonly AllowedTarget[]): boolean {
  return allowed.some((item) => item.host === host && (item.port === undefined || item.port === port));
}

function isAllowedAddress(text: string, port: number, allowed: readonly AllowedTarget[]): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return allowed.some((item) => {
    if (item.range === undefined || (item.port !== undefined && item.port !== port)) return false;
    const [range, bits] = ipaddr.parseCIDR(item.range);
    return address.kind() === range.kind() && address.match(range, bits);
  });
}
