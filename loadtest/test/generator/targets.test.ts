import { dealTargets } from '../../src/generator/targets.js';

const urls = new Map([
  ['a', ['a1', 'a2']],
  ['b', ['b1']],
]);

const deal = (shares: Record<string, number>, count: number) => {
  const next = dealTargets(shares, urls);
  return Array.from({ length: count }, () => next().url);
};

describe('dealTargets', () => {
  it('gives each group its share, evenly mixed, and each destination of it its turn', () => {
    expect(deal({ a: 1, b: 1 }, 8)).toEqual(['a1', 'b1', 'a2', 'b1', 'a1', 'b1', 'a2', 'b1']);
    expect(deal({ a: 3, b: 1 }, 8).filter((url) => url === 'b1')).toHaveLength(2);
  });

  it('gives nothing to a group that is not named', () => {
    expect(deal({ b: 2 }, 3)).toEqual(['b1', 'b1', 'b1']);
  });
});
