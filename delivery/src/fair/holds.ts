/** A destination has asked to be left alone (Retry-After): all workers do so, and what comes for it meanwhile is parked. */
import type { Clock } from '@postback/core/clock';
import type { Queue } from '@postback/core/queue/queue';
import { isPassing } from '@postback/core/redis';
import type { Conditions } from './conditions.js';

export interface Holds {
  /** At once here; the others hear of it. A hold only becomes longer. */
  begin(destination: string, forMs: number): void;
}

interface HoldsDeps {
  readonly queue: Pick<Queue, 'setHold'>;
  readonly conditions: Pick<Conditions, 'heldUntil' | 'learn'>;
  /** Redis's. */
  readonly clock: Clock;
  /** A bug. */
  readonly onError: (error: unknown) => void;
}

/** A hundred answers with the same wish are one hold. */
const NEARLY_MS = 200;

export function createHolds({ queue, conditions, clock, onError }: HoldsDeps): Holds {
  return {
    begin: (destination, forMs) => {
      const holdUntil = clock.now() + forMs;
      if (holdUntil <= conditions.heldUntil(destination) + NEARLY_MS) return;
      conditions.learn(destination, { holdUntil });
      queue.setHold(destination, forMs).catch((error: unknown) => {
        if (!isPassing(error)) onError(error);
      });
    },
  };
}
