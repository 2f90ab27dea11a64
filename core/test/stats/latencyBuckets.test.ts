import { BUCKETS, bucketOf, durationOf, percentileOf } from '@postback/core/stats/latencyBuckets';

test('every duration from a tenth of a millisecond to four days is off by a tenth at most', () => {
  for (let ms = 0.11; ms < 4 * 86_400_000; ms *= 1.07) {
    expect(Math.abs(durationOf(bucketOf(ms)) / ms - 1)).toBeLessThan(0.1);
  }
});

test('what is shorter, longer or no duration at all falls into the first or the last bucket', () => {
  expect([0, -1, NaN, 0.1].map(bucketOf)).toEqual([0, 0, 0, 0]);
  expect([1e12, Infinity].map(bucketOf)).toEqual([BUCKETS - 1, BUCKETS - 1]);
});

test('percentiles are those of the durations that were counted', () => {
  const counts = new Map<number, number>();
  for (let ms = 1; ms <= 1_000; ms++) counts.set(bucketOf(ms), (counts.get(bucketOf(ms)) ?? 0) + 1);
  for (const percent of [1, 50, 95, 99, 100]) {
    expect(Math.abs((percentileOf(counts, percent) ?? 0) / (percent * 10) - 1)).toBeLessThan(0.12);
  }
  expect(percentileOf(new Map(), 50)).toBeUndefined();
});
