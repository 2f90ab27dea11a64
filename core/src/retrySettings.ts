/** When a postback is tried again, and for how long: delivery keeps to it, and ingest shows it in a preview. */
import { atLeastOne, duration, integer, list, parseDurationMs } from './settings.js';

export const retrySettings = {
  TTL: duration({
    default: '72h',
    minMs: 50,
    maxMs: 7_776_000_000,
    description:
      'No attempt begins later than this after the first one was due; the postback is a dead letter then (expired).',
  }),
  RETRY_SCHEDULE: atLeastOne(
    'duration',
    list(
      {
        default: '5s,30s,2m,10m,30m,1h,2h,4h,8h',
        description: 'Wait before the 2nd, 3rd … attempt, each ± 20 %. A short list repeats its last step.',
      },
      parseDurationMs,
    ),
  ),
  RETRY_ATTEMPTS: integer({
    default: '10',
    min: 1,
    max: 100,
    description: 'Attempts at most, the first included; after the last one the postback is a dead letter.',
  }),
};
