/** Answers to requests that are in order but cannot be taken right now: each says why, and when to come back. */
import { Problem, type ProblemType } from '@postback/core/problem';

/** Seconds for Retry-After: short for what passes by itself, longer for what waits for an operator. */
const RETRY_AFTER_SECONDS = {
  'queue-unavailable': 1,
  'backlog-full': 5,
  'destination-backlog-full': 30,
  draining: 30,
  'memory-low': 5,
  'storage-low': 30,
  'durability-unmet': 30,
} as const satisfies Partial<Record<ProblemType, number>>;

export type RefusalType = keyof typeof RETRY_AFTER_SECONDS;

export function refusal(type: RefusalType, why: string, cause?: unknown): Problem {
  return new Problem(type, {
    detail: `${why}; send the request again after the time in Retry-After`,
    headers: { 'Retry-After': String(RETRY_AFTER_SECONDS[type]) },
    cause,
  });
}

/** What Redis or its connection answered to the script, as an answer to the client. */
export function refusalOf(error: unknown): Problem {
  const message = error instanceof Error ? error.message : '';
  if (message.startsWith('OOM')) return refusal('memory-low', 'Redis has no memory left', error);
  if (message.startsWith('MISCONF')) return refusal('storage-low', 'Redis cannot write to its disk', error);
  return refusal('queue-unavailable', 'Redis did not confirm the request', error);
}
