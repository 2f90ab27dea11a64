/** Points of time as columns, the form in which charts are drawn. Pure. */
import type { Percentiles, Series, SeriesPoint } from '../api/types.js';

/** First the times in seconds, then one column per line; null = nothing to draw there. */
export type Columns = [number[], ...(number | null)[][]];

export const PERCENTILES = ['p50', 'p95', 'p99'] as const;
export const VOLUMES = ['accepted', 'delivered', 'failed attempts', 'dead'] as const;
export const PHASES = ['queue wait', 'DNS', 'connect', 'first byte', 'reading'] as const;

/** The present minute says nothing yet when it has just begun. */
const SHORTEST_SECONDS = 5;

export function volumeColumns({ points }: Series): Columns {
  const perSecond = (read: (point: SeriesPoint) => number) =>
    points.map((point) => (point.seconds >= SHORTEST_SECONDS ? read(point) / point.seconds : null));
  return [
    timesOf(points),
    perSecond((point) => point.accepted),
    perSecond((point) => point.delivered),
    perSecond((point) => point.failedAttempts),
    perSecond((point) => point.dead),
  ];
}

export function percentileColumns({ points }: Series, which: 'endToEnd' | 'response'): Columns {
  const column = (read: (found: Percentiles) => number) =>
    points.map((point) => (point[which] ? read(point[which]) : null));
  return [timesOf(points), column(({ p50Ms }) => p50Ms), column(({ p95Ms }) => p95Ms), column(({ p99Ms }) => p99Ms)];
}

/** Mean times, one upon the other: the top line is what passes from acceptance to the last byte of the first answer. */
export function phaseColumns({ points }: Series): Columns {
  const parts = points.map(({ phases }) => {
    if (!phases) return undefined;
    const { queueWaitMs, dnsMs, connectMs, firstByteMs, restMs } = phases;
    return [queueWaitMs, dnsMs, connectMs, firstByteMs, restMs];
  });
  const upTo = (last: number) => parts.map((part) => part?.slice(0, last + 1).reduce((sum, ms) => sum + ms, 0) ?? null);
  return [timesOf(points), upTo(0), upTo(1), upTo(2), upTo(3), upTo(4)];
}

/** The newest value of each line, for those who cannot see the chart. */
export function latestOf(columns: Columns): (number | null)[] {
  return columns.slice(1).map((column) => column.findLast((value) => value !== null) ?? null);
}

function timesOf(points: readonly SeriesPoint[]): number[] {
  return points.map(({ at }) => Date.parse(at) / 1_000);
}
