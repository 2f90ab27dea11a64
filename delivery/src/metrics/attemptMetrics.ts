/**
 * Attempts in figures: how they ended, how long each phase took, and how long postbacks were on their way. It is called for every
 * attempt, so each series is bound once and looked up by what is at hand.
 */
import { firstDueAt } from '@postback/core/queue/entry';
import { createQuickCounter, type QuickCount } from '@postback/core/metrics/quickCounter';
import { createQuickHistogram } from '@postback/core/metrics/quickHistogram';
import type { Registry } from 'prom-client';
import type { AttemptRecord } from '../attemptRecord.js';
import type { Decision } from '../decide.js';
import type { Phases } from '../http/answerHandler.js';
import { TransportError } from '../http/transportError.js';

/** Up to the longest ATTEMPT_TIMEOUT that makes sense. */
const ATTEMPT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Up to the ttl: retries and outages are in it. */
const ON_THE_WAY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 86_400];

const PHASES = { dns: 'dnsMs', connect: 'connectMs', first_byte: 'firstByteMs', total: 'totalMs' } as const;

export function createAttemptMetrics(registry: Registry): (record: AttemptRecord) => void {
  const countsOf = createQuickCounter(registry, {
    name: 'postback_attempts_total',
    help: 'Attempts by outcome and by what was answered: a class of statuses, or why there was no answer.',
    labelNames: ['outcome', 'code'],
  });
  const durationsOf = createQuickHistogram(registry, {
    name: 'postback_attempt_duration_seconds',
    help: 'Time of attempts, whole and by phase; dns and connect only where there was a new connection.',
    label: 'phase',
    buckets: ATTEMPT_SECONDS,
  });
  const waits = createQuickHistogram(registry, {
    name: 'postback_queue_wait_seconds',
    help: 'From the acceptance of a postback, or the time that it was scheduled for, to its first attempt.',
    buckets: ON_THE_WAY_SECONDS,
  })();
  const ways = createQuickHistogram(registry, {
    name: 'postback_end_to_end_seconds',
    help: 'From the acceptance of a postback, or the time that it was scheduled for, to its delivery.',
    buckets: ON_THE_WAY_SECONDS,
  })();
  const phases = (Object.keys(PHASES) as (keyof typeof PHASES)[]).map(
    (name) => [PHASES[name], durationsOf(name)] as const,
  );
  const bound = new Map<Decision['kind'], Map<string, QuickCount>>();

  function bind(outcome: Decision['kind'], code: string): QuickCount {
    const ofOutcome = bound.get(outcome) ?? new Map<string, QuickCount>();
    bound.set(outcome, ofOutcome);
    const found = ofOutcome.get(code) ?? countsOf({ outcome, code });
    ofOutcome.set(code, found);
    return found;
  }

  function observePhases(took: Phases): void {
    for (const [phase, histogram] of phases) {
      const ms = took[phase];
      if (ms !== undefined) histogram.observe(ms / 1_000);
    }
  }

  return ({ postback, result, decision, startedAt, endedAt }) => {
    bind(decision.kind, codeOf(result)).add(1);
    observePhases(result.phases);
    const dueAt = firstDueAt(postback);
    if (postback.attemptsMade === 0) waits.observe(Math.max(0, startedAt - dueAt) / 1_000);
    if (decision.kind === 'delivered') ways.observe(Math.max(0, endedAt - dueAt) / 1_000);
  };
}

const CLASSES = ['0xx', '1xx', '2xx', '3xx', '4xx', '5xx'];

function codeOf(result: AttemptRecord['result']): string {
  if (result instanceof TransportError) return result.errorClass;
  return CLASSES[Math.floor(result.status / 100)] ?? 'other';
}
