/** A run over time and by percentile, as lines to draw. Pure. */
import type { Arrival, SentRequest } from '../ledger.js';
import { endToEndLatencies, percentilesOf, summarizeLatency } from '../latency.js';

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Lines over seconds since the first request was due. */
export interface Series {
  /** p50 and p99 of each group's end-to-end latency, in ms, by the second in which the postbacks were due. */
  readonly latency: readonly Line[];
  /** Postbacks per second: accepted, by when the request was due, and delivered, by when they arrived. */
  readonly throughput: readonly Line[];
  /** Accepted and not arrived yet, at the end of each second. */
  readonly backlog: readonly Line[];
  /** Latency in ms of each group by its number of nines: 1 = p90, 2 = p99, 3 = p99.9. */
  readonly percentiles: readonly Line[];
}

const MAX_NINES = 5;

export function buildSeries(requests: readonly SentRequest[], arrivals: readonly Arrival[]): Series {
  const startedAt = requests.reduce((min, { dueAt }) => Math.min(min, dueAt), Infinity);
  const secondOf = (at: number) => Math.max(0, Math.floor((at - startedAt) / 1_000));
  const accepted = requests.filter(({ answer }) => answer.kind === 'accepted');
  const perGroup = [...groupBy(accepted, ({ group = 'all' }) => group)].map(([name, list]) => ({
    name,
    list,
    bySecond: groupBy(list, ({ dueAt }) => secondOf(dueAt)),
  }));
  const taken = countBySecond(accepted.map(({ dueAt, count }) => [secondOf(dueAt), count]));
  const came = countBySecond(arrivals.map(({ firstArrivalAt }) => [secondOf(firstArrivalAt), 1]));
  const seconds = [...taken.keys(), ...came.keys()].reduce((max, second) => Math.max(max, second), 0) + 1;
  const ticks = Array.from({ length: seconds }, (_, second) => second);
  let waiting = 0;
  return {
    latency: perGroup.flatMap(({ name, bySecond }) => latencyLines(name, bySecond, arrivals)),
    throughput: [
      { name: 'accepted', points: ticks.map((second) => [second, taken.get(second) ?? 0]) },
      { name: 'delivered', points: ticks.map((second) => [second, came.get(second) ?? 0]) },
    ],
    backlog: [
      {
        name: 'not arrived yet',
        points: ticks.map((second) => [second, (waiting += (taken.get(second) ?? 0) - (came.get(second) ?? 0))]),
      },
    ],
    percentiles: perGroup.map(({ name, list }) => ({
      name,
      points: percentilesOf(endToEndLatencies(list, arrivals), MAX_NINES),
    })),
  };
}

function groupBy<K>(requests: readonly SentRequest[], keyOf: (request: SentRequest) => K): Map<K, SentRequest[]> {
  const groups = new Map<K, SentRequest[]>();
  for (const request of requests) {
    const key = keyOf(request);
    const list = groups.get(key);
    if (list) list.push(request);
    else groups.set(key, [request]);
  }
  return groups;
}

function countBySecond(pairs: readonly (readonly [second: number, count: number])[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const [second, count] of pairs) counts.set(second, (counts.get(second) ?? 0) + count);
  return counts;
}

function latencyLines(
  name: string,
  bySecond: ReadonlyMap<number, readonly SentRequest[]>,
  arrivals: readonly Arrival[],
): Line[] {
  const bySeq = new Map(arrivals.map((arrival) => [arrival.seq, arrival]));
  const summaries = [...bySecond]
    .sort(([a], [b]) => a - b)
    .map(([second, requests]) => {
      const own = requests.flatMap(({ firstSeq, count }) =>
        Array.from({ length: count }, (_, index) => bySeq.get(firstSeq + index)).filter(
          (arrival) => arrival !== undefined,
        ),
      );
      return { second, latency: summarizeLatency(endToEndLatencies(requests, own)) };
    });
  const line = (percentile: 'p50' | 'p99'): Line => ({
    name: `${name} ${percentile}`,
    points: summaries.flatMap(({ second, latency }) => (latency ? [[second, latency[percentile]] as const] : [])),
  });
  return [line('p50'), line('p99')];
}
