/** The result of a run as data: what `--json` writes (loadtest/report.schema.json) and what the text is made from. Times in ms, counts of postbacks. */
import type { LoadOptions } from '../generator/options.js';
import type { RunStatus } from '../generator/sinkClient.js';
import type { Latency } from '../latency.js';
import { endToEndLatencies, ingestLatencies, summarizeLatency } from '../latency.js';
import type { Answer, Arrival, Ledger, SentRequest, Verdict } from '../ledger.js';
import { balance, judge } from '../ledger.js';
import { checkBound, type Finding } from '../scenarios/bounds.js';
import { checkThresholds } from './findings.js';
import type { Instrument } from './instrument.js';
import { describeMachine } from './machine.js';
import { buildSeries, type Series } from './series.js';

export interface LoadReport {
  /** Of loadtest/report.schema.json. */
  readonly version: 1;
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
  /** The scenario that was run, with each group's latency in each phase; null for a plain load. */
  readonly scenario: ScenarioReport | null;
  /** What was demanded, by the scenario or by `--max-…`, and what was measured. */
  readonly findings: readonly Finding[];
  /** For the charts. */
  readonly series: Series;
  readonly instrument: Instrument;
  readonly machine: Readonly<Record<string, string>>;
  readonly verdict: Verdict;
}

export interface ScenarioReport {
  readonly name: string;
  readonly about: string;
  readonly parts: readonly { readonly phase: string; readonly group: string; readonly endToEnd: Latency | null }[];
  /** Group → requests that its destinations got. */
  readonly attempts: Readonly<Record<string, number>>;
}

export interface Evidence {
  readonly run: string;
  readonly options: LoadOptions;
  /** At least one. */
  readonly requests: readonly SentRequest[];
  /** On the generator's clock. */
  readonly arrivals: readonly Arrival[];
  readonly sinkStatus: RunStatus;
  /** Group → attempts; empty without a scenario. */
  readonly attempts: ReadonlyMap<string, number>;
  readonly instrument: Instrument;
}

export function buildReport(evidence: Evidence): LoadReport {
  const { run, options, requests, arrivals, sinkStatus } = evidence;
  const accounting = balance(requests, arrivals);
  const startedAt = requests[0]?.dueAt ?? 0;
  const postingMs = maxOf(requests.map((request) => request.answeredAt)) - startedAt;
  const deliveries = endToEndLatencies(requests, arrivals);
  const drainedMs =
    deliveries.length === 0 ? null : maxOf(arrivals.map((arrival) => arrival.firstArrivalAt)) - startedAt;
  const latencyMs = {
    ingest: summarizeLatency(ingestLatencies(requests)),
    endToEnd: summarizeLatency(deliveries),
  };
  const findings = [
    ...(options.scenario?.bounds ?? []).map((bound) => checkBound(bound, evidence)),
    ...checkThresholds(options.thresholds, { ...latencyMs, accounting }),
  ];
  return {
    version: 1,
    run,
    startedAt: new Date(startedAt).toISOString(),
    options: { ...options, apiKey: options.apiKey === '' ? '' : '(given)' },
    requests: { sent: requests.length, answers: countAnswers(requests) },
    accounting,
    latencyMs,
    throughput: {
      acceptedPerSecond: perSecond(accounting.accepted, postingMs),
      deliveredPerSecond: perSecond(accounting.delivered, drainedMs ?? 0),
    },
    firstRequestToLastDeliveryMs: drainedMs,
    scenario: scenarioReport(evidence),
    findings,
    series: buildSeries(requests, arrivals),
    instrument: evidence.instrument,
    machine: describeMachine(),
    verdict: judgeAll(accounting, sinkStatus.overflow, findings),
  };
}

function scenarioReport({ options, requests, arrivals, attempts }: Evidence): ScenarioReport | null {
  const { scenario } = options;
  if (!scenario) return null;
  const parts = scenario.phases.flatMap(({ name: phase, shares }) =>
    Object.keys(shares).map((group) => {
      const own = requests.filter((request) => request.phase === phase && request.group === group);
      return { phase, group, endToEnd: summarizeLatency(endToEndLatencies(own, arrivals)) };
    }),
  );
  return { name: scenario.name, about: scenario.about, parts, attempts: Object.fromEntries(attempts) };
}

function judgeAll(accounting: Ledger, overflow: number, findings: readonly Finding[]): Verdict {
  const all = [
    ...(overflow === 0 ? [] : [`the sink had no room for ${overflow} deliveries`]),
    ...judge(accounting).faults,
    ...findings.filter(({ isKept }) => !isKept).map(({ what }) => `beyond its bound: ${what}`),
  ];
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
