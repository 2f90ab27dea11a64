/** Settings of an attempt: delivery keeps to them, and ingest refuses a request that asks for more. */
import { duration, optional } from './settings.js';

const range = { minMs: 50, maxMs: 600_000 };

export const attemptSettings = {
  ATTEMPT_TIMEOUT: duration({
    ...range,
    default: '10s',
    description: 'Deadline of one attempt, from connecting to the last byte of the answer.',
  }),
  ATTEMPT_TIMEOUT_MAX: optional(
    duration({
      ...range,
      description: 'The longest deadline that a request may set for its own attempts. Unset: ATTEMPT_TIMEOUT.',
    }),
  ),
};

/** No attempt takes longer, whatever a request asks for. */
export function longestAttemptMs(config: {
  readonly ATTEMPT_TIMEOUT: number;
  readonly ATTEMPT_TIMEOUT_MAX: number | undefined;
}): number {
  return Math.max(config.ATTEMPT_TIMEOUT, config.ATTEMPT_TIMEOUT_MAX ?? 0);
}
