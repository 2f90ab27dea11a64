/** Credit that is used up in steps and comes back evenly: a rate with a burst. Memory of one process; it starts full. */
import type { Clock } from '../clock.js';

export interface BucketLimits {
  readonly perSecond: number;
  /** Credit of a full bucket. */
  readonly burst: number;
}

export interface TokenBucket {
  /**
   * Takes `cost` when there is as much; a cost beyond the whole burst is taken when the bucket is full, and leaves a debt.
   * @returns 0 when taken, else the milliseconds after which it could be
   */
  take(cost: number): number;
  /** As `take`, without taking. */
  waitMs(cost: number): number;
  /** What was taken for nothing. */
  giveBack(cost: number): void;
  credit(): number;
  /** Until it is full again. */
  fullInMs(): number;
}

/** Many small refills add up to a little less than one large one. */
const ROUNDING = 1e-6;

export function createTokenBucket({ perSecond, burst }: BucketLimits, clock: Pick<Clock, 'monotonic'>): TokenBucket {
  let credit = burst;
  let countedAt = clock.monotonic();
  const refill = () => {
    const now = clock.monotonic();
    credit = Math.min(burst, credit + ((now - countedAt) / 1_000) * perSecond);
    countedAt = now;
  };
  const msUntil = (wanted: number) => {
    refill();
    const missing = wanted - credit;
    return missing < ROUNDING ? 0 : (missing / perSecond) * 1_000;
  };
  const waitMs = (cost: number) => msUntil(Math.min(cost, burst));
  return {
    waitMs,
    take: (cost) => {
      const wait = waitMs(cost);
      if (wait === 0) credit -= cost;
      return wait;
    },
    giveBack: (cost) => {
      credit = Math.min(burst, credit + cost);
    },
    credit: () => {
      refill();
      return credit;
    },
    fullInMs: () => msUntil(burst),
  };
}
