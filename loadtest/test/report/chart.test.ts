import { drawChart } from '../../src/report/chart.js';

const CHART = { title: 'a < b', xLabel: 'percentile', yLabel: 'ms', yScale: 'log' as const };

test('a chart names its lines, escapes what it is told, and lets no tick be cut off at the edge', () => {
  const points = [
    [0, 0.2],
    [3, 900],
  ] as const;
  const svg = drawChart({ ...CHART, lines: [{ name: 'all & more', points }], xTick: (x) => `at ${x}` });
  expect(svg).toContain('aria-label="a &#60; b"');
  expect(svg).toContain('all &#38; more');
  expect(/text-anchor="(\w+)">at 3</.exec(svg)?.[1]).toBe('end');
  expect(/text-anchor="(\w+)">at 0</.exec(svg)?.[1]).toBe('middle');
  expect([...svg.matchAll(/class="tick" x="58"[^>]*>([\d.,]+)</g)].map(([, tick]) => tick)).toEqual([
    '0.1',
    '1',
    '10',
    '100',
    '1,000',
  ]);
});

test('without anything to draw it is an empty chart, not a broken one', () => {
  expect(drawChart({ ...CHART, lines: [] })).not.toMatch(/NaN|Infinity|undefined/);
});
