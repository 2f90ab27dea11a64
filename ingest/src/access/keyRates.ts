/**
 * How many postbacks per second each API key may send: one bucket per name, in the memory of this process. With several ingest
 * processes each counts for itself; asking Redis would cost every request a round trip.
 */
import { createTokenBucket, type BucketLimits, type TokenBucket } from '@postback/core/access/tokenBucket';
import type { Clock } from '@postback/core/clock';
import type { ApiKey } from './parseApiKeys.js';

export interface KeyRate {
  readonly bucket: TokenBucket;
  readonly limits: BucketLimits;
}

/** `undefined`: no limit for this key. */
export type KeyRates = (key: ApiKey) => KeyRate | undefined;

export interface KeyRateSettings {
  /** For keys that do not say their own; 0: no limit. */
  readonly perSecond: number;
  /** `undefined`: what two seconds bring. */
  readonly burst: number | undefined;
}

export function createKeyRates(settings: KeyRateSettings, clock: Clock): KeyRates {
  const rates = new Map<string, KeyRate>();
  return ({ name, perSecond = settings.perSecond }) => {
    if (perSecond === 0) return void rates.delete(name);
    const known = rates.get(name);
    if (known?.limits.perSecond === perSecond) return known;
    const limits = { perSecond, burst: settings.burst ?? 2 * perSecond };
    const rate = { limits, bucket: createTokenBucket(limits, clock) };
    rates.set(name, rate);
    return rate;
  };
}
