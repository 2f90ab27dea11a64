import fc from 'fast-check';
import { isDown, nextScore, openForMs, type BreakerRules, type Score } from '../../src/fair/breaker.js';

const RULES: BreakerRules = { failureShare: 0.5, minSamples: 15, openMs: 5_000, openMaxMs: 60_000 };

/** After how many results it opens; undefined = never. */
function opensAfter(results: Iterable<boolean>, stepMs = 10): number | undefined {
  let score: Score | undefined;
  let count = 0;
  for (const isFailure of results) {
    score = nextScore(score, { isFailure, now: ++count * stepMs }, RULES);
    if (isDown(score, RULES)) return count;
  }
  return undefined;
}

/** A generator that is seeded: a failing run can be repeated. */
function* sporadic(share: number, length: number, seed: number): Generator<boolean> {
  let state = seed | 1;
  for (let n = 0; n < length; n++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32 < share;
  }
}

test('20 % failures, however they fall, never open it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
      expect(opensAfter(sporadic(0.2, 50_000, seed))).toBeUndefined();
    }),
    { numRuns: 40 },
  );
});

test('an outage opens it after as many failures as the setting says, however long it was healthy before', () => {
  expect(opensAfter(Array<boolean>(15).fill(true))).toBe(15);
  expect(opensAfter([...Array<boolean>(10_000).fill(false), ...Array<boolean>(15).fill(true)])).toBe(10_015);
  expect(opensAfter(Array<boolean>(14).fill(true))).toBeUndefined();
});

test('failing far more than the share for long opens it, failing less does not', () => {
  expect(opensAfter(sporadic(0.7, 2_000, 7))).toBeLessThan(500);
  expect(opensAfter(sporadic(0.3, 50_000, 7))).toBeUndefined();
});

test('hanging, one attempt in ten seconds, opens it all the same', () => {
  expect(opensAfter(Array<boolean>(40).fill(true), 10_000)).toBeLessThan(20);
});

test('a failure now and then does not add up over days', () => {
  expect(opensAfter(Array<boolean>(1_000).fill(true), 3_600_000)).toBeUndefined();
});

test('it stays open longer each time, up to the cap', () => {
  expect([0, 1, 2, 3, 4, 50].map((trips) => openForMs(trips, RULES))).toEqual([
    5_000, 10_000, 20_000, 40_000, 60_000, 60_000,
  ]);
});
