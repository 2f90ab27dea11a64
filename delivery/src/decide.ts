/** What the result of an attempt means for the postback (docs/architecture.md, "What an answer means"). Pure. */
import type { DeadReason } from '@postback/core/queue/deadLetter';
import { backoffMs } from './backoff.js';
import type { Answer } from './http/answerHandler.js';
import { TransportError } from './http/transportError.js';

export type Decision =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'dead'; readonly reason: DeadReason; readonly detail: string }
  /** The service is stopping: given back, the attempt not counted. */
  | { readonly kind: 'handed-back' };

export interface RetryPolicy {
  readonly scheduleMs: readonly number[];
  /** The first attempt included. */
  readonly attempts: number;
  /** Statuses that count as delivered; unless set, all of 2xx. */
  readonly success?: ReadonlySet<number> | undefined;
}

/** 4xx that say "not now" rather than "never": Request Timeout, Too Early, Too Many Requests. */
const RETRIED_4XX = new Set([408, 425, 429]);

/** @param attemptsMade this one included */
export function decide(
  result: Answer | TransportError,
  attemptsMade: number,
  policy: RetryPolicy,
  random: () => number = Math.random,
): Decision {
  if (result instanceof TransportError) {
    if (result.errorClass === 'aborted') return { kind: 'handed-back' };
    return retryOrDie(`${result.errorClass}: ${result.message}`);
  }
  const { status } = result;
  if (policy.success ? policy.success.has(status) : isTwoHundreds(status)) return { kind: 'delivered' };
  if (status >= 500 || RETRIED_4XX.has(status)) return retryOrDie(`HTTP ${status}`);
  if (status >= 400) return { kind: 'dead', reason: 'rejected', detail: `HTTP ${status}` };
  if (status >= 300) return { kind: 'dead', reason: 'redirect', detail: `HTTP ${status}; redirects are not followed` };
  return { kind: 'dead', reason: 'rejected', detail: `HTTP ${status} is not among the endpoint's success statuses` };

  function retryOrDie(detail: string): Decision {
    if (attemptsMade >= policy.attempts) return { kind: 'dead', reason: 'attempts-exhausted', detail };
    return { kind: 'retry', delayMs: backoffMs(policy.scheduleMs, attemptsMade, random()) };
  }
}

function isTwoHundreds(status: number): boolean {
  return status >= 200 && status < 300;
}
