/** Everything that is told of the installation as a whole, read at one moment with a bounded number of commands. */
import { createDestinations } from '@postback/core/queue/destinations';
import type { DestinationState } from '@postback/core/queue/destinationState';
import type { QueueKeys } from '@postback/core/queue/keys';
import { readOldest, type Oldest } from '@postback/core/queue/oldest';
import { readFigures, type RedisFigures } from '@postback/core/queue/redisState';
import type { RedisSender } from '@postback/core/queue/script';
import { readBooks, type Books } from '@postback/core/queue/scripts/books';
import { readDrain } from '@postback/core/queue/scripts/drain';
import { readPauses } from '@postback/core/queue/scripts/pause';
import { readTime } from '@postback/core/queue/scripts/time';

export interface InstallationReading {
  readonly books: Books;
  readonly oldest: Oldest;
  readonly figures: RedisFigures;
  readonly states: readonly DestinationState[];
  readonly isPaused: boolean;
  readonly isDraining: boolean;
  /** Redis's clock, ms. */
  readonly now: number;
}

export async function readInstallation(redis: RedisSender, keys: QueueKeys): Promise<InstallationReading> {
  const [books, oldest, figures, states, pauses, drain, now] = await Promise.all([
    readBooks(redis, keys),
    readOldest(redis, keys),
    readFigures(redis),
    createDestinations(redis, keys).readDestinations(),
    readPauses(redis, keys),
    readDrain(redis, keys),
    readTime(redis, keys),
  ]);
  const isPaused = pauses.current !== undefined;
  return { books, oldest, figures, states, isPaused, isDraining: drain !== undefined, now };
}
