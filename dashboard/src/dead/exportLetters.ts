/** Writes dead letters as JSON lines, a page at a time, so that neither Redis nor our memory has to hold all of them at once. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { DeadLetters } from '@postback/core/queue/deadLetters';
import type { BuriedLetter } from '@postback/core/queue/deadLetter';
import type { DeadFilter } from './filter.js';
import { searchDead } from './search.js';

export interface ExportOptions {
  readonly filter: DeadFilter;
  /** A letter as it is shown. */
  readonly show: (letter: BuriedLetter) => unknown;
  readonly output: Writable;
  readonly isOver: () => boolean;
}

const PAGE = 200;

/** Newest first. Letters that die meanwhile are not in it. The caller ends `output`. */
export async function exportLetters(dead: DeadLetters, { filter, show, output, isOver }: ExportOptions): Promise<void> {
  let after: Awaited<ReturnType<typeof searchDead>>['next'];
  do {
    const found = await searchDead(dead, { filter, order: 'newest', limit: PAGE, after });
    const lines = found.letters.map((letter) => `${JSON.stringify(show(letter))}\n`).join('');
    if (lines !== '' && !output.write(lines) && !isOver())
      await Promise.race([once(output, 'drain'), once(output, 'close')]);
    after = found.next;
  } while (after !== undefined && !isOver());
}
