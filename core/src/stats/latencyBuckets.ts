/**
 * Durations as counts in buckets, each a fifth wider than the one before: a percentile read from them is off by a tenth at most, and
 * those of several processes and minutes add up. Pure.
 */
const STEPS_PER_OCTAVE = 4;
/** What is shorter counts as this long. */
const FLOOR_MS = 0.1;
/** Ends beyond four days: longer than the longest time to live by default. */
export const BUCKETS = 128;

export function bucketOf(ms: number): number {
  if (!(ms > FLOOR_MS)) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log2(ms / FLOOR_MS) * STEPS_PER_OCTAVE));
}

/** The duration that stands for a bucket: in the middle of it, by ratio. */
export function durationOf(bucket: number): number {
  return bucket === 0 ? FLOOR_MS : FLOOR_MS * 2 ** ((bucket - 0.5) / STEPS_PER_OCTAVE);
}

/** In ms, three significant digits; `undefined` when nothing was counted. `counts`: bucket → how many. */
export function percentileOf(counts: ReadonlyMap<number, number>, percent: number): number | undefined {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let left = Math.max(1, Math.ceil((total * percent) / 100));
  for (const bucket of [...counts.keys()].sort((a, b) => a - b)) {
    left -= counts.get(bucket) ?? 0;
    if (left <= 0) return Number(durationOf(bucket).toPrecision(3));
  }
  return undefined;
}
