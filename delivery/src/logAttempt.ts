/** The log line of each attempt: one wide event with everything that is known about it (DESIGN: promise 5). */
import type { Logger } from '@postback/core/logger';
import { firstDueAt, type Postback } from '@postback/core/queue/entry';
import type { Decision } from './decide.js';
import type { Answer } from './http/answerHandler.js';
import type { OutgoingRequest } from './http/client.js';
import { TransportError } from './http/transportError.js';

export interface AttemptRecord {
  readonly postback: Postback;
  readonly request: OutgoingRequest;
  /** Without credentials. */
  readonly url: string;
  readonly result: Answer | TransportError;
  readonly decision: Decision;
  readonly maxAttempts: number;
  /** Redis's clock when the attempt began and ended, ms. */
  readonly startedAt: number;
  readonly endedAt: number;
}

export function logAttempt(logger: Logger, record: AttemptRecord): void {
  const { postback, request, url, result, decision, maxAttempts, startedAt, endedAt } = record;
  const { phases } = result;
  logger.info('postback.attempted', {
    postback_id: postback.id,
    reference: postback.reference,
    outcome: decision.kind,
    delivered_at: new Date(endedAt).toISOString(),
    ...describeResult(result),
    response_time_ms: round(phases.totalMs),
    attempt: postback.attemptsMade + 1,
    max_attempts: maxAttempts,
    method: request.method,
    url,
    next_attempt_in_ms: decision.kind === 'retry' ? decision.delayMs : undefined,
    dead_reason: decision.kind === 'dead' ? decision.reason : undefined,
    queue_wait_ms: postback.attemptsMade === 0 ? Math.max(0, startedAt - firstDueAt(postback)) : undefined,
    dns_ms: round(phases.dnsMs),
    connect_ms: round(phases.connectMs),
    first_byte_ms: round(phases.firstByteMs),
  });
}

function describeResult(result: Answer | TransportError) {
  if (result instanceof TransportError) return { error_class: result.errorClass, error: result.message };
  const truncated = result.isTruncated ? { response_truncated: true } : {};
  return { response_code: result.status, response_body: result.body, ...truncated };
}

function round(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 100) / 100;
}
