/** How many attempts are kept: delivery keeps to it as it adds, the dashboard as time goes by. */
import { byteSize, duration, integer } from '../settings.js';
import type { AttemptLimits } from './scripts/keepAttempts.js';

const range = { min: 0, max: 10_000_000 };

export const keptAttemptsSettings = {
  FAILED_KEPT: integer({
    ...range,
    default: '50000',
    description: 'So many failed attempts can be looked up (/api/attempts, /api/postbacks); 0 keeps none.',
  }),
  DELIVERED_KEPT: integer({
    ...range,
    default: '50000',
    description: 'So many successful attempts can be looked up; 0 keeps none.',
  }),
  ATTEMPTS_MAX_AGE: duration({
    default: '7d',
    minMs: 1_000,
    maxMs: 3_650 * 86_400_000,
    description: 'Attempts older than this can be looked up no longer.',
  }),
  ATTEMPTS_MAX_MEMORY: byteSize({
    default: '64mb',
    description:
      'What kept attempts take of the memory of Redis, about; half of it for failed, half for successful ones.',
  }),
};

export function attemptLimits(config: {
  readonly FAILED_KEPT: number;
  readonly DELIVERED_KEPT: number;
  readonly ATTEMPTS_MAX_AGE: number;
  readonly ATTEMPTS_MAX_MEMORY: number;
}): AttemptLimits {
  return {
    count: { failed: config.FAILED_KEPT, delivered: config.DELIVERED_KEPT },
    bytes: Math.floor(config.ATTEMPTS_MAX_MEMORY / 2),
    maxAgeMs: config.ATTEMPTS_MAX_AGE,
  };
}
