/** Counts the letters that fit, so that whoever changes many knows how many. */
import { queryOf, request } from '../api/request.js';
import type { LetterPage } from '../api/types.js';
import type { DeadFilter } from './filter.js';

/** So many pages are looked at: beyond, "more than" is exact enough. */
const MAX_PAGES = 20;

export interface LetterCount {
  readonly count: number;
  /** `false`: there are more. */
  readonly isComplete: boolean;
}

export async function countLetters(filter: DeadFilter, signal: AbortSignal): Promise<LetterCount> {
  let count = 0;
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const found = await request<LetterPage>(`api/dead${queryOf({ ...filter, limit: 500, cursor })}`, { signal });
    count += found.letters.length;
    if (found.next === null) return { count, isComplete: true };
    cursor = found.next;
  }
  return { count, isComplete: false };
}
