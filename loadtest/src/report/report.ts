/** The result of a run as data: what `--json` writes and what the text is made from. Times in ms, counts of postbacks. */
import type { LoadOptions } from '../generator/options.js';
import type { RunStatus } from '../generator/sinkClient.js';
import type { Latency } from '../latency.js';
import { endToEndLatencies, ingestLatencies, summarizeLatency } from '../latency.js';
import type { Answer, Arrival, Ledger, SentRequest, Verdict } from '../ledger.js';
import { balance, judge } from '../ledger.js';

export interface LoadReport {
  readonly run: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** The API key masked. */
  readonly options: LoadOptions;
  readonly requests: {
    readonly sent: number;
    /** Status with the problem's type, or error code where there was no answer → requests. */
    readonly answers: Readonly<Record<string, number>>;
  };
  readonly accounting: Ledger;
  readonly latencyMs: {
    /** Due time → answer, per request. */
    readonly ingest: Latency | null;
    /** Due time of the request → first arrival at the sink, per postback. */
    readonly endToEnd: Latency | null;
  };
  readonly throughput: {
    /** First request → last answer. */
    readonly acceptedPerSecond: number;
    /** First request → last delivery. */
    readonly deliveredPerSecond: number;
  };
  readonly firstRequestToLastDeliveryMs: number | null;
  readonly verdict: Verdict;
}

export interface Evidence {
  readonly run: string;
  readonly options: LoadOptions;
  /** At least one. */
  readonly requests: readonly SentRequest[];
  /** On the generator's clock. */
  readonly arrivals: readonly Arrival[];
  readonly sinkStatus: RunStatus;
}

export function buildReport({ run, options, requests, arrivals, sinkStatus }: Evidence): LoadReport {
  const accounting = balance(requests, arrivals);
  const startedAt = requests[0]?.dueAt ?? 0;
  const postingMs = maxOf(requests.map((request) => request.answeredAt)) - startedAt;
  const deliveries = endToEndLatencies(requests, arrivals);
  const drainedMs =
    deliveries.length === 0 ? null : maxOf(arrivals.map((arrival) => arrival.firstArrivalAt)) - startedAt;
  return {
    run,
    startedAt: new Date(startedAt).toISOString(),
    options: { ...options, apiKey: options.apiKey === '' ? '' : '(given)' },
    requests: { sent: requests.length, answers: countAnswers(requests) },
    accounting,
    latencyMs: {
      ingest: summarizeLatency(ingestLatencies(requests)),
      endToEnd: summarizeLatency(deliveries),
    },
    throughput: {
      acceptedPerSecond: perSecond(accounting.accepted, postingMs),
      deliveredPerSecond: perSecond(accounting.delivered, drainedMs ?? 0),
    },
    firstRequestToLastDeliveryMs: drainedMs,
    verdict: judgeAll(accounting, sinkStatus.overflow),
  };
}

function judgeAll(accounting: Ledger, overflow: number): Verdict {
  const { faults } = judge(accounting);
  const all = overflow === 0 ? faults : [`the sink had no room for ${overflow} deliveries`, ...faults];
  return { passed: all.length === 0, faults: all };
}

function countAnswers(requests: readonly SentRequest[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { answer } of requests) {
    const name = nameOf(answer);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function nameOf(answer: Answer): string {
  switch (answer.kind) {
    case 'accepted':
      return '202';
    case 'rejected':
      return [answer.status, answer.type].filter((part) => part !== undefined).join(' ');
    case 'unknown':
      return answer.reason;
  }
}

function perSecond(count: number, ms: number): number {
  return ms > 0 ? (count * 1_000) / ms : 0;
}

/** Math.max(...values) overflows the stack at a few 100,000. */
function maxOf(values: readonly number[]): number {
  return values.reduce((max, value) => Math.max(max, value), 0);
}
