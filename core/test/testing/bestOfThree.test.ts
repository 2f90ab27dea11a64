import { bestOfThree } from '../../src/testing/bestOfThree.js';

function measuring(...figures: number[]) {
  const left = [...figures];
  return { left, measure: () => left.shift() as number };
}

test('a measurement within the bound is enough', async () => {
  const { left, measure } = measuring(10, 5);
  expect(await bestOfThree(10, measure)).toBe(10);
  expect(left).toEqual([5]);
});

test('one that was spoilt is made again', async () => {
  expect(await bestOfThree(10, measuring(90, 9).measure)).toBe(9);
});

test('what is too slow three times is too slow', async () => {
  const { left, measure } = measuring(90, 30, 60, 5);
  expect(await bestOfThree(10, measure)).toBe(30);
  expect(left).toEqual([5]);
});
