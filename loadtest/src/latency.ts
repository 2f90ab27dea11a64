/** Latency as percentiles, by an HDR histogram: 1 µs to an hour at three significant digits, in constant memory. */
import { build } from 'hdr-histogram-js';
import type { Arrival, SentRequest } from './ledger.js';
import { indexBySeq } from './ledger.js';

/** Milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

const HOUR_US = 3_600_000_000;

/** Takes milliseconds with fractions; what two clocks make negative counts as 0. Null when there is nothing. */
export function summarizeLatency(valuesMs: Iterable<number>): Latency | null {
  const histogram = histogramOf(valuesMs);
  if (histogram.totalCount === 0) return null;
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1_000;
  return {
    count: histogram.totalCount,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: histogram.maxValue / 1_000,
  };
}

/** The curve of percentiles over their number of nines (0.3 = p50, 1 = p90, 2 = p99 …), in ms, as far as the count carries it. */
export function percentilesOf(valuesMs: Iterable<number>, maxNines: number): [nines: number, ms: number][] {
  const histogram = histogramOf(valuesMs);
  const carried = Math.min(maxNines, Math.log10(Math.max(1, histogram.totalCount)));
  const steps = Math.floor(carried * NINES_STEPS);
  return Array.from({ length: steps + 1 }, (_, step) => {
    const nines = step / NINES_STEPS;
    return [nines, histogram.getValueAtPercentile(100 * (1 - 10 ** -nines)) / 1_000];
  });
}

const NINES_STEPS = 10;

function histogramOf(valuesMs: Iterable<number>) {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HOUR_US,
    numberOfSignificantValueDigits: 3,
  });
  for (const ms of valuesMs) histogram.recordValue(Math.min(Math.max(Math.round(ms * 1_000), 0), HOUR_US));
  return histogram;
}

/** From due to answer, of every request that got an answer, refusals included. */
export function ingestLatencies(requests: readonly SentRequest[]): number[] {
  return requests.filter(({ answer }) => answer.kind !== 'unknown').map(({ dueAt, answeredAt }) => answeredAt - dueAt);
}

/** From the request's due time to the first arrival, of every accepted postback that arrived. */
export function endToEndLatencies(requests: readonly SentRequest[], arrivals: readonly Arrival[]): number[] {
  const bySeq = indexBySeq(requests);
  return arrivals.flatMap(({ seq, firstArrivalAt }) => {
    const request = bySeq.get(seq);
    return request?.answer.kind === 'accepted' ? [firstArrivalAt - request.dueAt] : [];
  });
}
