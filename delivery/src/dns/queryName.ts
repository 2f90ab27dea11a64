/**
 * Asks the resolver about one name: A and AAAA side by side, by c-ares and so without libuv's four threads, which a few names
 * that hang would occupy for everybody. Every question reads the system's resolver settings anew, so a change of network is noticed.
 */
import { promises as dns } from 'node:dns';

export type NameAnswer =
  /** IPv4 and IPv6 in turns, as they are to be tried (RFC 8305, section 4). */
  | { readonly kind: 'found'; readonly addresses: readonly string[]; readonly ttlMs: number }
  /** The resolver says that there is no such name, or no address under it. */
  | { readonly kind: 'missing'; readonly code: string }
  /** It does not say anything about the name. */
  | { readonly kind: 'silent'; readonly code: string };

export type QueryName = (name: string) => Promise<NameAnswer>;

interface QueryOptions {
  readonly timeoutMs: number;
  /** `address` or `address:port`; empty: the system's. */
  readonly servers: readonly string[];
}

/** A question whose answer is lost is asked again within the timeout. */
const TRIES = 3;
/** So long the other family is waited for once one has answered (RFC 8305, section 3). */
const OTHER_FAMILY_MS = 50;
/** What c-ares says when there is an answer, and it is no. */
const NO_SUCH_NAME = 'ENOTFOUND';
const MISSING = new Set([NO_SUCH_NAME, 'ENODATA', 'EBADNAME']);

type Part = readonly { readonly address: string; readonly ttl: number }[] | { readonly code: string };
/** A, AAAA; what is not known in time is missing. */
type Parts = [Part | undefined, Part | undefined];

export function createQuery({ timeoutMs, servers }: QueryOptions): QueryName {
  return async (name) => {
    const resolver = new dns.Resolver({ timeout: Math.ceil(timeoutMs / TRIES), tries: TRIES });
    if (servers.length > 0) resolver.setServers(servers);
    const parts = await gather(resolver, name, timeoutMs);
    resolver.cancel();
    return answerOf(parts);
  };
}

function gather(resolver: dns.Resolver, name: string, timeoutMs: number): Promise<Parts> {
  const parts: Parts = [undefined, undefined];
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      resolve([...parts]);
    };
    let timer = setTimeout(end, timeoutMs);
    const take = (index: 0 | 1, part: Part) => {
      parts[index] = part;
      if (parts[0] && parts[1]) return end();
      if (addressesOf(part).length === 0) return;
      clearTimeout(timer);
      timer = setTimeout(end, OTHER_FAMILY_MS);
    };
    const ask = (index: 0 | 1, asking: Promise<Part>) =>
      asking.then(
        (records) => take(index, records),
        (error: { code?: string }) => take(index, { code: error.code ?? 'EUNKNOWN' }),
      );
    void ask(0, resolver.resolve4(name, { ttl: true }));
    void ask(1, resolver.resolve6(name, { ttl: true }));
  });
}

function recordsOf(part: Part | undefined) {
  return part && 'length' in part ? part : [];
}

function addressesOf(part: Part | undefined): readonly string[] {
  return recordsOf(part).map(({ address }) => address);
}

function answerOf(parts: Parts): NameAnswer {
  const addresses = inTurns(addressesOf(parts[0]), addressesOf(parts[1]));
  if (addresses.length > 0) {
    const ttls = parts.flatMap(recordsOf).map(({ ttl }) => ttl);
    return { kind: 'found', addresses, ttlMs: 1_000 * Math.min(...ttls) };
  }
  const codes = parts.map((part) => (part && 'code' in part ? part.code : 'ETIMEOUT'));
  const silent = codes.find((code) => !MISSING.has(code));
  if (codes.includes(NO_SUCH_NAME)) return { kind: 'missing', code: NO_SUCH_NAME }; // whatever the record
  return silent === undefined ? { kind: 'missing', code: codes[0] ?? '' } : { kind: 'silent', code: silent };
}

function inTurns(first: readonly string[], second: readonly string[]): string[] {
  const longest = Math.max(first.length, second.length);
  return Array.from({ length: longest }, (_, index) => [first[index], second[index]])
    .flat()
    .filter((address) => address !== undefined);
}
