/**
 * Reads one work stream for one lane: takes as many entries as there is room for, hands each on, and reads again. Entries that it had
 * read when the process dies stay pending and are claimed by another.
 */
import { createLoop, type Loop } from '@postback/core/loop';
import type { Logger } from '@postback/core/logger';
import type { Queue } from '@postback/core/queue/queue';
import type { RawEntry } from '@postback/core/queue/scripts/read';
import type { RedisSender } from '@postback/core/queue/script';
import { isPassing } from '@postback/core/redis';
import type { Gate } from './gate.js';
import type { Errand, Hand } from './fair/hand.js';
import type { Pace } from './fair/pace.js';
import type { Lane } from './fair/turns.js';
import { isGroupLost } from './untilAnswered.js';

interface ConsumerDeps {
  readonly queue: Queue;
  /** A connection of its own: the read blocks. */
  readonly reader: RedisSender;
  readonly consumer: string;
  readonly stream: string;
  readonly lane: Lane;
  readonly hand: Hand;
  readonly gate: Pick<Gate, 'permit'>;
  readonly pace: Pace;
  readonly logger: Logger;
  /** Holds the entry from now on; what it returns delivers it. */
  readonly take: (entry: RawEntry) => (errand: Errand) => Promise<void>;
}

/** How long Redis holds a read when nothing is there; also how long stopping may have to wait. */
const BLOCK_MS = 500;
/** One read brings no more, so that the first of them start soon and memory stays small. */
const READ_LIMIT = 100;
/** While the gate is closed it is asked this often. */
const PAUSED_MS = 100;
const OUTAGE_PAUSE_MS = 100;

export function createConsumer(deps: ConsumerDeps): Loop {
  const { queue, reader, consumer, stream, lane, hand, gate, pace, take } = deps;
  return createLoop(async () => {
    const limit = lane === 'retry' ? Math.min(pace.limit(), READ_LIMIT) : READ_LIMIT;
    const room = Math.min(await hand.room(lane), limit);
    if (room === 0) return 0; // closed: the loop is about to stop
    const count = gate.permit(room);
    if (count === 0) return PAUSED_MS;
    try {
      const entries = await queue.readNew(reader, { stream, consumer, count, blockMs: BLOCK_MS });
      for (const entry of entries) hand.run(lane, take(entry));
      if (lane === 'retry') return pace.restMs();
      if (entries.length > 0) pace.noteFirst();
      return 0;
    } catch (error) {
      return recover(error, deps);
    }
  });
}

async function recover(error: unknown, { queue, logger, stream }: ConsumerDeps): Promise<number> {
  if (isGroupLost(error)) {
    logger.error('queue.data_lost', { stream, detail: 'the consumer group is gone and is made again' });
    await queue.ensureGroups().catch(() => undefined);
    return OUTAGE_PAUSE_MS;
  }
  if (!isPassing(error)) throw error;
  return OUTAGE_PAUSE_MS;
}
