/** Dead letters leave for good, by filter: so many at a time, then it says whether there are more. */
import type { DeadLetters } from '@postback/core/queue/deadLetters';
import type { DeadPlace } from '@postback/core/queue/scripts/readDead';
import type { DeadFilter } from './filter.js';
import { searchDead } from './search.js';

/** One script moves no more at once, so that Redis serves others in between. */
const BATCH = 200;
const BATCHES = 10;

export interface Purged {
  readonly purged: number;
  /** Go on behind this place; undefined = all that fitted are gone. */
  readonly next: DeadPlace | undefined;
}

export async function purge(dead: DeadLetters, filter: DeadFilter, after: DeadPlace | undefined): Promise<Purged> {
  let purged = 0;
  let next = after;
  for (let round = 0; round < BATCHES; round++) {
    const found = await searchDead(dead, { filter, order: 'oldest', limit: BATCH, after: next });
    purged += await dead.discard(found.letters, 'purged');
    if (!found.next) return { purged, next: undefined };
    next = found.next;
  }
  return { purged, next };
}
