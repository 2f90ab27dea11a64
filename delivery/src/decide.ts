/** What the result of an attempt means for the postback (docs/delivery.md). Pure. */
import type { DeadReason } from '@postback/core/queue/deadLetter';
import { backoffMs } from '@postback/core/backoff';
import type { Answer } from './http/answerHandler.js';
import { TransportError } from './http/transportError.js';
import type { Policy } from './policy.js';
import { retryAfterMs } from './retryAfter.js';

export type Decision =
  | { readonly kind: 'delivered' }
  /** `holdMs`: so long the destination wants to be left alone, because it said so. */
  | { readonly kind: 'retry'; readonly delayMs: number; readonly holdMs?: number | undefined }
  | { readonly kind: 'dead'; readonly reason: DeadReason; readonly detail: string }
  /** The service is stopping, or the fault is ours: given back, the attempt not counted. */
  | { readonly kind: 'handed-back' };

export interface AttemptFacts {
  /** This one included. */
  readonly attemptsMade: number;
  readonly nowMs: number;
  /** No attempt begins at this time or later. */
  readonly expiresAtMs: number;
  readonly policy: Policy;
}

/** The answers whose Retry-After counts: Too Many Requests, Service Unavailable. */
const ASKING_TO_WAIT = new Set([429, 503]);

export function decide(
  result: Answer | TransportError,
  facts: AttemptFacts,
  random: () => number = Math.random,
): Decision {
  if (result instanceof TransportError) {
    const { errorClass, message } = result;
    if (errorClass === 'aborted') return { kind: 'handed-back' };
    if (errorClass === 'forbidden-target') return { kind: 'dead', reason: 'forbidden-target', detail: message };
    return retryOrDie(facts, random, { detail: `${errorClass}: ${message}` });
  }
  const { status } = result;
  const { success, retry } = facts.policy;
  if (success.has(status)) return { kind: 'delivered' };
  if (retry.has(status)) return retryOrDie(facts, random, { detail: `HTTP ${status}`, holdMs: holdOf(result, facts) });
  if (status >= 400) return { kind: 'dead', reason: 'rejected', detail: `HTTP ${status}` };
  if (status >= 300) return { kind: 'dead', reason: 'redirect', detail: `HTTP ${status}; redirects are not followed` };
  return { kind: 'dead', reason: 'rejected', detail: `HTTP ${status} is not among the success statuses` };
}

function retryOrDie(
  { attemptsMade, nowMs, expiresAtMs, policy }: AttemptFacts,
  random: () => number,
  { detail, holdMs }: { detail: string; holdMs?: number | undefined },
): Decision {
  if (attemptsMade >= policy.attempts) return { kind: 'dead', reason: 'attempts-exhausted', detail };
  const delayMs = Math.max(backoffMs(policy.scheduleMs, attemptsMade, random()), holdMs ?? 0);
  if (nowMs + delayMs < expiresAtMs) return { kind: 'retry', delayMs, holdMs };
  return { kind: 'dead', reason: 'expired', detail: `${detail}; the next attempt would come after the end of its ttl` };
}

function holdOf({ status, headers }: Answer, { nowMs, policy }: AttemptFacts): number | undefined {
  if (!ASKING_TO_WAIT.has(status)) return undefined;
  const askedMs = retryAfterMs(headers['retry-after'], nowMs);
  return askedMs === undefined ? undefined : Math.min(askedMs, policy.retryAfterMaxMs);
}
