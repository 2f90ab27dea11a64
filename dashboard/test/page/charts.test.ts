import type { Series } from '../../page/src/api/types.js';
import { latestOf, percentileColumns, phaseColumns, volumeColumns } from '../../page/src/overview/chartData.js';

const series: Series = {
  stepSeconds: 60,
  from: '2026-11-24T12:00:00Z',
  to: '2026-11-24T12:00:20Z',
  points: [
    {
      at: '2026-11-24T12:00:00Z',
      seconds: 10,
      accepted: 50,
      delivered: 40,
      failedAttempts: 5,
      dead: 1,
      endToEnd: { p50Ms: 5, p95Ms: 9, p99Ms: 20 },
      response: null,
      phases: { queueWaitMs: 2, dnsMs: 1, connectMs: 3, firstByteMs: 6, restMs: 1 },
    },
    {
      at: '2026-11-24T12:00:10Z',
      seconds: 6,
      accepted: 0,
      delivered: 0,
      failedAttempts: 0,
      dead: 0,
      endToEnd: null,
      response: null,
      phases: null,
    },
  ],
};

test('counts of a step become rates', () => {
  expect(volumeColumns(series).slice(1)).toEqual([
    [5, 0],
    [4, 0],
    [0.5, 0],
    [0.1, 0],
  ]);
});

test('a time without any is a gap, not a zero', () => {
  expect(percentileColumns(series, 'endToEnd').slice(1)).toEqual([
    [5, null],
    [9, null],
    [20, null],
  ]);
  expect(latestOf(percentileColumns(series, 'endToEnd'))).toEqual([5, 9, 20]);
  expect(latestOf(percentileColumns(series, 'response'))).toEqual([null, null, null]);
});

test('phases stand upon each other', () => {
  expect(phaseColumns(series).slice(1)).toEqual([
    [2, null],
    [3, null],
    [6, null],
    [12, null],
    [13, null],
  ]);
});

test('a minute that has just begun has no rate yet', () => {
  const points = series.points.map((point) => ({ ...point, seconds: 1 }));
  expect(latestOf(volumeColumns({ ...series, points }))).toEqual([null, null, null, null]);
});
