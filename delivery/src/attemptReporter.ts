/** Tells people of an attempt: its log line, its figures, and the row that is kept of it. What they may not see is gone before. */
import type { Logger } from '@postback/core/logger';
import { firstDueAt } from '@postback/core/queue/entry';
import type { KeptAttempt } from '@postback/core/queue/keptAttempt';
import type { Redactor } from '@postback/core/redact/redactor';
import { traceIdOf } from '@postback/core/traceContext';
import type { AttemptKeeper } from './attemptKeeper.js';
import type { AttemptRecord } from './attemptRecord.js';
import type { Decision } from './decide.js';
import { TransportError } from './http/transportError.js';
import { logAttempt } from './logAttempt.js';

interface ReporterDeps {
  readonly logger: Logger;
  readonly keeper: Pick<AttemptKeeper, 'keep'>;
  readonly redactor: Pick<Redactor, 'url' | 'text'>;
  readonly keepsBody: (outcome: Decision['kind']) => boolean;
  /** Counts it. */
  readonly observe: (record: AttemptRecord) => void;
}

export function createAttemptReporter({ logger, keeper, redactor, keepsBody, observe }: ReporterDeps) {
  return (record: AttemptRecord): void => {
    const { result, decision } = record;
    const isShown = !(result instanceof TransportError) && keepsBody(decision.kind);
    const attempt = describe(record, {
      url: redactor.url(record.url),
      responseBody: isShown ? redactor.text(result.body) : undefined,
    });
    logAttempt(logger, attempt);
    keeper.keep(attempt);
    observe(record);
  };
}

function describe(record: AttemptRecord, shown: Pick<KeptAttempt, 'url' | 'responseBody'>): KeptAttempt {
  const { postback, request, result, decision, maxAttempts, startedAt, endedAt } = record;
  const { phases } = result;
  const failure = result instanceof TransportError ? result : undefined;
  return {
    id: postback.id,
    reference: postback.reference,
    traceId: traceIdOf(postback.settings?.traceparent ?? ''),
    endedAt,
    attempt: postback.attemptsMade + 1,
    maxAttempts,
    outcome: decision.kind,
    code: result instanceof TransportError ? result.errorClass : result.status,
    error: failure?.message,
    deadReason: decision.kind === 'dead' ? decision.reason : undefined,
    nextInMs: decision.kind === 'retry' ? decision.delayMs : undefined,
    destination: request.destination,
    method: request.method,
    url: shown.url,
    queueWaitMs: postback.attemptsMade === 0 ? Math.max(0, startedAt - firstDueAt(postback)) : undefined,
    dnsMs: round(phases.dnsMs),
    connectMs: round(phases.connectMs),
    firstByteMs: round(phases.firstByteMs),
    totalMs: round(phases.totalMs) ?? 0,
    responseBody: shown.responseBody,
    isTruncated: shown.responseBody !== undefined && isCut(record) ? true : undefined,
  };
}

function isCut({ result }: AttemptRecord): boolean {
  return !(result instanceof TransportError) && result.isTruncated;
}

function round(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 100) / 100;
}
