/**
 * Finds dead letters by a filter. Redis only ever hands out pages; what does not fit is dropped here. A search looks at so many
 * letters at most and then says where it stopped, so that neither Redis nor this service is kept busy by one question.
 */
import type { BuriedLetter } from '@postback/core/queue/deadLetter';
import type { DeadLetters } from '@postback/core/queue/deadLetters';
import type { DeadPlace } from '@postback/core/queue/scripts/readDead';
import { matches, type DeadFilter } from './filter.js';

/** A letter is some KB, at worst a MB: more at once would be felt by others. */
const PAGE = 100;
const MAX_SCANNED = 5_000;

export interface Search {
  readonly filter: DeadFilter;
  readonly order: 'newest' | 'oldest';
  /** At most so many letters. */
  readonly limit: number;
  readonly after?: DeadPlace | undefined;
}

export interface Found {
  readonly letters: readonly BuriedLetter[];
  /** Go on behind this place; undefined = there is no more. */
  readonly next: DeadPlace | undefined;
  readonly scanned: number;
}

export async function searchDead(dead: Pick<DeadLetters, 'page' | 'read'>, search: Search): Promise<Found> {
  const { filter, order, limit } = search;
  const letters: BuriedLetter[] = [];
  let { after } = search;
  let scanned = 0;
  while (letters.length < limit && scanned < MAX_SCANNED) {
    const count = Math.min(PAGE, MAX_SCANNED - scanned, isOpen(filter) ? limit - letters.length : PAGE);
    const page = await dead.page({ order, count, after, from: filter.from, to: filter.to });
    if (page.length === 0) return { letters, next: undefined, scanned };
    const fitting = (await dead.read(page)).filter((letter) => matches(letter, filter));
    const taken = fitting.slice(0, limit - letters.length);
    letters.push(...taken);
    const isCut = taken.length < fitting.length;
    after = isCut ? placeOf(taken.at(-1) as BuriedLetter) : page.at(-1);
    scanned += isCut ? page.findIndex(({ id }) => id === after?.id) + 1 : page.length;
  }
  return { letters, next: after, scanned };
}

export function placeOf({ letter, diedAt }: BuriedLetter): DeadPlace {
  return { id: letter.id, diedAt };
}

/** Nothing to look for within a letter: every one fits. */
function isOpen({ reason, host, reference }: DeadFilter): boolean {
  return reason === undefined && host === undefined && reference === undefined;
}
