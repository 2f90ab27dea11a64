/** Counts wrong tokens per address: after ten in a row an address has to wait. In memory; a restart forgets. */
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
    waitMs: (address) => buckets.get(address)?.waitMs(1) ?? 0,
    count: (address) => {
      const bucket = buckets.get(address) ?? createTokenBucket(LIMITS, clock);
      bucket.take(1);
      buckets.delete(address); // to the end: the one that failed longest ago is forgotten first
      buckets.set(address, bucket);
      const [oldest] = buckets.keys();
      if (buckets.size > MAX_ADDRESSES && oldest !== undefined) buckets.delete(oldest);
    },
  };
}
