/** The log line of each attempt: one wide event with everything that is known about it (DESIGN: promise 5). */
import type { Logger } from '@postback/core/logger';
import type { KeptAttempt } from '@postback/core/queue/keptAttempt';

export function logAttempt(logger: Logger, attempt: KeptAttempt): void {
  const isAnswer = typeof attempt.code === 'number';
  logger.info('postback.attempted', {
    postback_id: attempt.id,
    reference: attempt.reference,
    trace_id: attempt.traceId,
    outcome: attempt.outcome,
    delivered_at: new Date(attempt.endedAt).toISOString(),
    response_code: isAnswer ? attempt.code : undefined,
    response_body: attempt.responseBody,
    response_truncated: attempt.isTruncated,
    error_class: isAnswer ? undefined : attempt.code,
    error: attempt.error,
    response_time_ms: attempt.totalMs,
    attempt: attempt.attempt,
    max_attempts: attempt.maxAttempts,
    method: attempt.method,
    url: attempt.url,
    next_attempt_in_ms: attempt.nextInMs,
    dead_reason: attempt.deadReason,
    queue_wait_ms: attempt.queueWaitMs,
    dns_ms: attempt.dnsMs,
    connect_ms: attempt.connectMs,
    first_byte_ms: attempt.firstByteMs,
  });
}
