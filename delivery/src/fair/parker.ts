/**
 * Parks what its destination cannot take now: one script for many of a destination, instead of one per postback, so that a hundred
 * thousand of them do not keep those behind them waiting. What Redis has not confirmed is sent again until it has; the script
 * is safe to run twice. If the process dies first, they are pending, and claimed by another.
 */
import type { Logger } from '@postback/core/logger';
import type { Queue } from '@postback/core/queue/queue';
import type { Parking } from '@postback/core/queue/scripts/park';
import { untilAnswered } from '../untilAnswered.js';

export interface Parker {
  /** Resolves when Redis has confirmed it. */
  park(destination: string, item: Parking): Promise<void>;
}

interface ParkerDeps {
  readonly queue: Pick<Queue, 'park'>;
  readonly isGivenUp: () => boolean;
  readonly logger: Logger;
}

/** Long enough to gather what was read together. */
const GATHER_MS = 2;
/** One script holds Redis up for a few milliseconds at most. */
const BATCH_LIMIT = 200;

interface Batch {
  readonly items: Parking[];
  readonly done: Promise<void>;
  readonly send: () => void;
}

export function createParker({ queue, isGivenUp, logger }: ParkerDeps): Parker {
  const batches = new Map<string, Batch>();

  function open(destination: string): Batch {
    const items: Parking[] = [];
    let send: () => void = () => undefined;
    const done = new Promise<void>((resolve, reject) => {
      const tell = (count: number) => {
        logger.debug('postbacks.parked', { destination, count });
        resolve();
      };
      send = () => {
        clearTimeout(timer);
        batches.delete(destination);
        untilAnswered(() => queue.park(destination, items), isGivenUp).then(tell, reject);
      };
    });
    const timer = setTimeout(send, GATHER_MS);
    const batch = { items, done, send };
    batches.set(destination, batch);
    return batch;
  }

  return {
    park: (destination, item) => {
      const batch = batches.get(destination) ?? open(destination);
      batch.items.push(item);
      if (batch.items.length >= BATCH_LIMIT) batch.send();
      return batch.done;
    },
  };
}
