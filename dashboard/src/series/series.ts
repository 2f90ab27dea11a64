/** What charts show: counts, percentiles and mean phases by the minute, or by five of them over longer times. Pure. */
import { percentileOf } from '@postback/core/stats/latencyBuckets';
import { bucketsIn, TALLY, type Tally } from '@postback/core/stats/tally';

const MINUTE_SECONDS = 60;
/** Beyond so many minutes a point stands for more than one: nobody can tell 1,440 of them apart. */
const FINE_MINUTES = 240;
const COARSE_MINUTES = 5;

export interface Span {
  /** Minutes since the epoch, both included. */
  readonly first: number;
  readonly last: number;
  /** Minutes per point. */
  readonly step: number;
}

/** The present minute is the last; a point begins where its step does, so that charts do not shift. */
export function spanOf(minutes: number, now: number): Span {
  const last = Math.floor(now / 1_000 / MINUTE_SECONDS);
  const step = minutes > FINE_MINUTES ? COARSE_MINUTES : 1;
  const first = last - minutes + 1;
  return { first: first - (first % step), last, step };
}

/** @param tallies of each minute of the span */
export function seriesOf({ first, last, step }: Span, tallies: readonly (Tally | undefined)[], now: number) {
  const points = [];
  for (let minute = first; minute <= last; minute += step) {
    const startsAt = minute * MINUTE_SECONDS * 1_000;
    const endsAt = Math.min(startsAt + step * MINUTE_SECONDS * 1_000, now);
    const within = sumTallies(tallies.slice(minute - first, minute - first + step));
    points.push({ at: toTime(startsAt), seconds: Math.max(1, (endsAt - startsAt) / 1_000), ...describe(within) });
  }
  const from = toTime(first * MINUTE_SECONDS * 1_000);
  return { stepSeconds: step * MINUTE_SECONDS, from, to: toTime(now), points };
}

function describe(tally: Tally) {
  return {
    accepted: count(tally, TALLY.accepted),
    delivered: count(tally, TALLY.delivered),
    failedAttempts: count(tally, TALLY.failed),
    dead: count(tally, TALLY.dead),
    deadByReason: reasonsIn(tally),
    endToEnd: percentilesIn(tally, TALLY.endToEndBucket),
    response: percentilesIn(tally, TALLY.responseBucket),
    phases: meanPhases(tally),
  };
}

/** `null` when there was none. */
export function percentilesIn(tally: Tally, head: string) {
  const buckets = bucketsIn(tally, head);
  if (buckets.size === 0) return null;
  const at = (percent: number) => percentileOf(buckets, percent) ?? 0;
  return { p50Ms: at(50), p95Ms: at(95), p99Ms: at(99) };
}

export function count(tally: Tally, name: string): number {
  return tally.get(name) ?? 0;
}

/** Over all attempts, so that they add up to the mean duration; the wait in the queue over first attempts, which have it. */
function meanPhases(tally: Tally) {
  const attempts = count(tally, TALLY.delivered) + count(tally, TALLY.failed);
  if (attempts === 0) return null;
  const mean = (name: string, of = attempts) => (of === 0 ? 0 : Math.round(count(tally, name) / of) / 1_000);
  return {
    queueWaitMs: mean(TALLY.queueWaitUs, count(tally, TALLY.queueWaits)),
    dnsMs: mean(TALLY.dnsUs),
    connectMs: mean(TALLY.connectUs),
    firstByteMs: mean(TALLY.firstByteUs),
    restMs: mean(TALLY.restUs),
  };
}

function reasonsIn(tally: Tally): Record<string, number> {
  const head = TALLY.deadBecause;
  const found = [...tally].filter(([name]) => name.startsWith(head));
  return Object.fromEntries(found.map(([name, deaths]) => [name.slice(head.length), deaths]));
}

function sumTallies(tallies: readonly (Tally | undefined)[]): Tally {
  const sum = new Map<string, number>();
  for (const tally of tallies) {
    for (const [name, value] of tally ?? []) sum.set(name, (sum.get(name) ?? 0) + value);
  }
  return sum;
}

function toTime(ms: number): string {
  return new Date(ms).toISOString();
}
