/** How the whole installation is doing, for people to look at: a handful of commands, whatever is queued. */
import { queueKeys, type QueueKeys } from './keys.js';
import { readFigures, type RedisFigures } from './redisState.js';
import type { RedisSender } from './script.js';
import { readBooks, type Books } from './scripts/books.js';
import { readDrain, type Drain } from './scripts/drain.js';
import { readOldest, type Oldest } from './scripts/oldest.js';
import { readPauses, type Pause } from './scripts/pause.js';
import { readRecent, readWorkers, type RecentSecond, type SeenWorker } from './scripts/readStats.js';

export interface Overview {
  /** Read at one moment; so is each of the others, but not together. */
  readonly books: Books;
  readonly oldest: Oldest;
  readonly pause: Pause | undefined;
  readonly drain: Drain | undefined;
  readonly workers: readonly SeenWorker[];
  readonly recent: readonly RecentSecond[];
  readonly figures: RedisFigures;
}

/** @throws errors of Redis and of the connection */
export async function readOverview(redis: RedisSender, keys: QueueKeys = queueKeys(0)): Promise<Overview> {
  const [books, oldest, pauses, drain, workers, recent, figures] = await Promise.all([
    readBooks(redis, keys),
    readOldest(redis, keys),
    readPauses(redis, keys),
    readDrain(redis, keys),
    readWorkers(redis, keys),
    readRecent(redis, keys),
    readFigures(redis),
  ]);
  return { books, oldest, pause: pauses.current, drain, workers, recent, figures };
}
