/**
 * Lets kept attempts go when they are too old. Delivery keeps to the other limits as it adds; age goes on without traffic. If nobody
 * runs it, they stay until newer ones take their place.
 */
import { createLoop, type Loop } from '@postback/core/loop';
import type { Logger } from '@postback/core/logger';
import type { Attempts } from '@postback/core/queue/attempts';
import type { AttemptLimits } from '@postback/core/queue/scripts/keepAttempts';
import { isPassing } from '@postback/core/redis';

interface TrimmerDeps {
  readonly attempts: Pick<Attempts, 'trim'>;
  readonly limits: AttemptLimits;
  readonly logger: Logger;
  readonly periodMs?: number;
}

const PERIOD_MS = 10_000;

export function createAttemptTrimmer({ attempts, limits, logger, periodMs = PERIOD_MS }: TrimmerDeps): Loop {
  return createLoop(async () => {
    try {
      return (await attempts.trim(limits)) === 0 ? periodMs : 0;
    } catch (error) {
      logger[isPassing(error) ? 'debug' : 'error']('attempts.trim_failed', { error });
      return periodMs;
    }
  });
}
