/**
 * Brings delayed postbacks back when they are due. It sleeps until the next due time, is woken when an earlier one appears, and
 * looks every few seconds anyway. Any number of them may run: each postback is moved by exactly one. If all die, the
 * postbacks wait in Redis and nothing is lost.
 */
import { createLoop, type Loop } from '@postback/core/loop';
import type { Logger } from '@postback/core/logger';
import type { Queue } from '@postback/core/queue/queue';
import { isPassing } from '@postback/core/redis';

/** Looks this often even when no wake-up came: pub/sub does not promise to deliver. */
const BACKSTOP_MS = 5_000;
/** One script moves no more at once, so that Redis serves others in between. */
const BATCH_LIMIT = 100;
/** After some were moved: a storm of them would keep Redis busy with scripts, and with writing each of these to the disk. */
const BREATH_MS = 20;

export function createPromoter({ queue, logger }: { queue: Queue; logger: Logger }): Loop {
  return createLoop(async () => {
    try {
      const { promoted, nextInMs = BACKSTOP_MS } = await queue.promote(BATCH_LIMIT);
      return Math.min(promoted > 0 ? Math.max(nextInMs, BREATH_MS) : nextInMs, BACKSTOP_MS);
    } catch (error) {
      if (!isPassing(error)) throw error;
      logger.debug('promoter.waiting', { error });
      return 500;
    }
  });
}
