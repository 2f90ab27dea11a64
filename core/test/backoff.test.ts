import { backoffMs } from '../src/backoff.js';

test.each([
  [1, 100],
  [2, 200],
  [3, 300],
  [4, 300],
  [40, 300],
])('after %i attempts waits %i ms, the last step repeating', (attemptsMade, expected) => {
  expect(backoffMs([100, 200, 300], attemptsMade, 0.5)).toBe(expected);
});

test('the jitter spreads the wait over ± 20 %', () => {
  expect(backoffMs([1_000], 1, 0)).toBe(800);
  expect(backoffMs([1_000], 1, 0.999999)).toBe(1_200);
});

test('an empty schedule is a bug, not a wait', () => {
  expect(() => backoffMs([], 1, 0.5)).toThrow(RangeError);
});
