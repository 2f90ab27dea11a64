import { createStatsRecorder, OTHER_DESTINATIONS } from '@postback/core/stats/recorder';
import { bucketOf } from '@postback/core/stats/latencyBuckets';
import { addTally, bucketsIn, TALLY } from '@postback/core/stats/tally';

const parse = (line = '') => {
  const tally = new Map<string, number>();
  addTally(tally, line);
  return tally;
};
const attempt = { destination: 'http://a:80', outcome: 'delivered', totalMs: 10 };

test('what happened is counted once, and taken once', () => {
  const recorder = createStatsRecorder();
  recorder.accepted(3);
  recorder.attempted({ ...attempt, queueWaitMs: 2, dnsMs: 1, connectMs: 2, firstByteMs: 7 }, 12);
  recorder.attempted({ ...attempt, outcome: 'retry', totalMs: 5 });
  recorder.attempted({ ...attempt, outcome: 'handed-back' });
  recorder.died('expired', 'http://a:80');
  recorder.died('unreadable', undefined);
  const taken = recorder.take();
  expect(recorder.take()).toBeUndefined();
  expect(taken?.counts).toEqual([3, 1, 1, 2]);
  const tally = parse(taken?.tally);
  expect(Object.fromEntries(tally)).toMatchObject({ a: 3, d: 1, f: 1, x: 2, 'x:expired': 1, 'x:unreadable': 1 });
  expect(Object.fromEntries(tally)).toMatchObject({ w: 2_000, W: 1, n: 1_000, c: 2_000, b: 4_000 + 5_000, r: 3_000 });
  expect(bucketsIn(tally, TALLY.endToEndBucket)).toEqual(new Map([[bucketOf(12), 1]]));
  expect([...bucketsIn(tally, TALLY.responseBucket).values()]).toEqual([1, 1]);
  expect(taken?.destinations).toEqual([['http://a:80', expect.stringMatching(/^d=1,f=1,x=1,t/)]]);
});

test('the phases of an attempt add up to its duration, whatever was measured of it', () => {
  const recorder = createStatsRecorder();
  recorder.attempted({ ...attempt, totalMs: 10, dnsMs: 3, connectMs: 4, firstByteMs: 8 });
  recorder.attempted({ ...attempt, outcome: 'retry', totalMs: 20, dnsMs: 3 });
  recorder.attempted({ ...attempt, totalMs: 5, firstByteMs: 4 });
  const tally = parse(recorder.take()?.tally);
  const sum = [TALLY.dnsUs, TALLY.connectUs, TALLY.firstByteUs, TALLY.restUs].map((name) => tally.get(name) ?? 0);
  expect(sum.reduce((total, us) => total + us)).toBe(35_000);
});

test('destinations beyond the limit are counted together, the busiest come first', () => {
  const recorder = createStatsRecorder(2);
  for (const name of ['one', 'two', 'two', 'three', 'four', 'four']) {
    recorder.attempted({ ...attempt, destination: name });
  }
  const taken = recorder.take()?.destinations ?? [];
  expect(taken.map(([name, line]) => [name, parse(line).get('d')])).toEqual([
    [OTHER_DESTINATIONS, 3],
    ['two', 2],
    ['one', 1],
  ]);
});
