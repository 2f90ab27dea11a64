/**
 * Counts wrong tokens per address, for IPv6 per /64, since whoever has one of these has all of them: after ten in a row an address has to
 * wait. In memory; a restart forgets.
 */
import { isIPv6 } from 'node:net';
import { createTokenBucket, type TokenBucket } from '@postback/core/access/tokenBucket';
import type { Clock } from '@postback/core/clock';

export interface FailedLogins {
  /** How long this address has to wait, in ms; 0: it may try. */
  waitMs(address: string): number;
  count(address: string): void;
}

/** Ten at once, then one in 6 s: no hindrance to a human, and 2^128 guesses take longer than there is time. */
const LIMITS = { burst: 10, perSecond: 1 / 6 };
/** Some 200 bytes each. */
const MAX_ADDRESSES = 10_000;

export function createFailedLogins(clock: Clock): FailedLogins {
  const buckets = new Map<string, TokenBucket>();
  return {
    waitMs: (address) => buckets.get(networkOf(address))?.waitMs(1) ?? 0,
    count: (address) => {
      const network = networkOf(address);
      const bucket = buckets.get(network) ?? createTokenBucket(LIMITS, clock);
      bucket.take(1);
      buckets.delete(network); // to the end: the one that failed longest ago is forgotten first
      buckets.set(network, bucket);
      const [oldest] = buckets.keys();
      if (buckets.size > MAX_ADDRESSES && oldest !== undefined) buckets.delete(oldest);
    },
  };
}

/** An IPv4 address as it is, also one that is written as IPv6; of another IPv6 address the first half. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return `${groups.map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`;
}
