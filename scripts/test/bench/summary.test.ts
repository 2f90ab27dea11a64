import { ratioOf, spreadOf } from '../../src/bench/summary.js';

test('the median of an odd and of an even number of values, with their range', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(() => spreadOf([])).toThrow(RangeError);
});

test('ratios are taken pair by pair: a slow minute that hits both runs of a pair changes nothing', () => {
  expect(ratioOf([10, 20, 10], [20, 40, 20])).toEqual({ median: 0.5, min: 0.5, max: 0.5 });
  expect(ratioOf([10, 30], [20, 20])).toEqual({ median: 1, min: 0.5, max: 1.5 });
});
