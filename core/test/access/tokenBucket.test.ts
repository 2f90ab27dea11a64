import { createTokenBucket } from '@postback/core/access/tokenBucket';

let now = 0;
const clock = { monotonic: () => now };
const bucket = () => createTokenBucket({ perSecond: 10, burst: 20 }, clock);
const takeOnes = (from: ReturnType<typeof bucket>, attempts: number) =>
  Array.from({ length: attempts }, () => from.take(1)).filter((wait) => wait === 0).length;

test('a full bucket gives its burst and not one more, then as much as the rate brings', () => {
  const full = bucket();
  expect(takeOnes(full, 100)).toBe(20);
  now += 1_000;
  expect(takeOnes(full, 100)).toBe(10);
  for (let step = 0; step < 1_000; step++) {
    now += 1;
    full.credit();
  }
  expect(takeOnes(full, 100)).toBe(10);
  now += 3_600_000;
  expect(takeOnes(full, 100)).toBe(20);
});

test('the wait it names is exactly long enough', () => {
  const some = bucket();
  some.take(15);
  const wait = some.take(12);
  expect(wait).toBeCloseTo(700);
  now += wait - 1;
  expect(some.take(12)).toBeGreaterThan(0);
  now += 1;
  expect(some.take(12)).toBe(0);
});

test('more than the burst is taken when the bucket is full, and paid off before the next', () => {
  const some = bucket();
  expect(some.take(50)).toBe(0);
  expect(some.take(1)).toBeCloseTo(3_100);
  expect(some.credit()).toBeCloseTo(-30);
  expect(some.fullInMs()).toBeCloseTo(5_000);
});

test('what is given back can be taken again, and never makes more than the burst', () => {
  const some = bucket();
  some.take(20);
  some.giveBack(20);
  some.giveBack(20);
  expect(some.credit()).toBe(20);
  expect(some.waitMs(1)).toBe(0);
  expect(some.credit()).toBe(20);
});
