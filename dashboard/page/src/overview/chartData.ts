/** Points of time as columns, the form in which charts are drawn. Pure. */
import type { Percentiles, Series, SeriesPoint } from '../api/types.js';

/** First the times in seconds, then one column per line; null = nothing to draw there. */
export type Columns = [number[], ...(number | null)[][]];

export const PERCENTILES = ['p50', 'p95', 'p99'] as const;
export const VOLUMES = ['accepted', 'delivered', 'failed attempts', 'dead'] as const;
export const PHASES = ['queue wait', 'DNS', 'connect', 'first byte'] as const;

export function volumeColumns({ points, stepSeconds }: Series): Columns {
  const perSecond = (read: (point: SeriesPoint) => number) => points.map((point) => read(point) / stepSeconds);
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

/**
 * Mean times, one upon the other: the top line is what a postback waits from acceptance to the first byte of the answer. The API's
 * `firstByteMs` is counted from the attempt's begin, so DNS and connect are taken out of it.
 */
export function phaseColumns({ points }: Series): Columns {
  const parts = points.map(({ phases }) => {
    if (!phases) return undefined;
    const { queueWaitMs, dnsMs, connectMs, firstByteMs } = phases;
    const before = (dnsMs ?? 0) + (connectMs ?? 0);
    return [queueWaitMs ?? 0, dnsMs ?? 0, connectMs ?? 0, Math.max(0, (firstByteMs ?? 0) - before)];
  });
  const upTo = (last: number) => parts.map((part) => part?.slice(0, last + 1).reduce((sum, ms) => sum + ms, 0) ?? null);
  return [timesOf(points), upTo(0), upTo(1), upTo(2), upTo(3)];
}

/** The newest value of each line, for those who cannot see the chart. */
export function latestOf(columns: Columns): (number | null)[] {
  return columns.slice(1).map((column) => column.findLast((value) => value !== null) ?? null);
}

function timesOf(points: readonly SeriesPoint[]): number[] {
  return points.map(({ at }) => Date.parse(at) / 1_000);
}
