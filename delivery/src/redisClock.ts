/**
 * The time by Redis's clock, carried on by the monotonic clock between one look and the next. Ages and due times are judged by it,
 * so a worker whose own clock is wrong, or jumps, does nothing wrong. If Redis does not answer, the last look goes on counting.
 */
import type { Clock } from '@postback/core/clock';
import { createLoop, type Loop } from '@postback/core/loop';
import type { Queue } from '@postback/core/queue/queue';
import { isPassing } from '@postback/core/redis';

export interface RedisClock extends Clock {
  /** Looks once; before the first look there is no time. */
  synchronize(): Promise<void>;
  readonly loop: Loop;
}

const LOOK_EVERY_MS = 5_000;

export function createRedisClock(queue: Pick<Queue, 'time'>): RedisClock {
  let offsetMs = NaN;
  const monotonic = () => performance.now();
  const synchronize = async () => {
    const timeMs = await queue.time();
    offsetMs = timeMs - monotonic();
  };
  return {
    now: () => Math.round(offsetMs + monotonic()),
    monotonic,
    synchronize,
    loop: createLoop(async () => {
      await synchronize().catch((error: unknown) => {
        if (!isPassing(error)) throw error;
      });
      return LOOK_EVERY_MS;
    }),
  };
}
