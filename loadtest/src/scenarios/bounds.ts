/** Whether a run kept the bounds of its scenario. Pure: requests, arrivals and attempts in, one finding per bound out. */
import type { Arrival, SentRequest } from '../ledger.js';
import { endToEndLatencies, summarizeLatency } from '../latency.js';
import type { Bound } from './scenario.js';

export interface Finding {
  /** What was measured, for a person to read. */
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
  readonly unit: 'ms' | 'attempts' | 'requests' | 'postbacks' | 'share';
  readonly isKept: boolean;
}

export interface BoundEvidence {
  readonly requests: readonly SentRequest[];
  readonly arrivals: readonly Arrival[];
  /** Group → attempts that the sink counted. */
  readonly attempts: ReadonlyMap<string, number>;
}

export function checkBound(bound: Bound, evidence: BoundEvidence): Finding {
  switch (bound.kind) {
    case 'latency':
      return checkLatency(bound, evidence);
    case 'extra-attempts':
      return checkAttempts(bound, evidence);
    case 'drained':
      return checkDrained(bound, evidence);
    case 'oldest-first':
      return checkOrder(bound, evidence);
    case 'refused': {
      const measured = requestsOf(evidence, bound.group).filter(({ answer }) => answer.kind !== 'accepted').length;
      return finding({ what: `${bound.group}: requests not accepted`, measured, limit: bound.max, unit: 'requests' });
    }
  }
}

type Of<K extends Bound['kind']> = Extract<Bound, { kind: K }>;

function checkLatency(bound: Of<'latency'>, evidence: BoundEvidence): Finding {
  const { group, phase, percentile, times, of, floorMs } = bound;
  const at = (name: string) => {
    const latencies = endToEndLatencies(requestsOf(evidence, group, name), evidence.arrivals);
    return summarizeLatency(latencies)?.[percentile] ?? Infinity;
  };
  const base = at(of);
  const limit = times * Math.max(base, floorMs);
  const what = `${group}: ${percentile} in ${phase}, at most ${times} × ${of} (${base.toFixed(1)} ms, counted as ≥ ${floorMs})`;
  return finding({ what, measured: at(phase), limit, unit: 'ms' });
}

function checkAttempts({ group, max }: Of<'extra-attempts'>, { requests, arrivals, attempts }: BoundEvidence): Finding {
  const delivered = arrivalsOf(requestsOf({ requests }, group), arrivals).length;
  const measured = (attempts.get(group) ?? 0) - delivered;
  return finding({ what: `${group}: attempts beyond one per delivery`, measured, limit: max, unit: 'attempts' });
}

function checkDrained({ group, after, withinMs }: Of<'drained'>, { requests, arrivals }: BoundEvidence): Finding {
  const endedAt = Math.max(...requests.filter(({ phase }) => phase === after).map(({ dueAt }) => dueAt));
  const last = arrivalsOf(requestsOf({ requests }, group), arrivals).reduce(
    (max, at) => Math.max(max, at.firstArrivalAt),
    0,
  );
  return finding({
    what: `${group}: all arrived after ${after}`,
    measured: last - endedAt,
    limit: withinMs,
    unit: 'ms',
  });
}

/** In the order of arrival: how many came after one that was due more than the slack later. */
function checkOrder(bound: Of<'oldest-first'>, { requests, arrivals }: BoundEvidence): Finding {
  const { group, phase, slackMs, maxShare } = bound;
  const asked = requestsOf({ requests }, group, phase);
  const dueOf = new Map(
    asked.flatMap(({ firstSeq, count, dueAt }) =>
      Array.from({ length: count }, (_, index) => [firstSeq + index, dueAt] as const),
    ),
  );
  const inOrder = arrivalsOf(asked, arrivals).sort((a, b) => a.firstArrivalAt - b.firstArrivalAt);
  let newestDue = 0;
  let late = 0;
  for (const { seq } of inOrder) {
    const dueAt = dueOf.get(seq) ?? 0;
    if (dueAt < newestDue - slackMs) late++;
    newestDue = Math.max(newestDue, dueAt);
  }
  const what = `${group}: overtaken by one more than ${slackMs / 1_000} s younger, in ${phase}`;
  return finding({ what, measured: inOrder.length === 0 ? 1 : late / inOrder.length, limit: maxShare, unit: 'share' });
}

function requestsOf({ requests }: Pick<BoundEvidence, 'requests'>, group: string, phase?: string): SentRequest[] {
  return requests.filter((request) => request.group === group && (phase === undefined || request.phase === phase));
}

function arrivalsOf(requests: readonly SentRequest[], arrivals: readonly Arrival[]): Arrival[] {
  const seqs = new Set(
    requests.flatMap(({ firstSeq, count }) => Array.from({ length: count }, (_, i) => firstSeq + i)),
  );
  return arrivals.filter(({ seq }) => seqs.has(seq));
}

function finding(measured: Omit<Finding, 'isKept'>): Finding {
  return { ...measured, isKept: measured.measured <= measured.limit };
}
