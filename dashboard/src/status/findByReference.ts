/**
 * Which postbacks a client's reference names. Those that were attempted stand in the index of the kept attempts; those still queued and
 * the dead ones are looked through. One question looks at so many entries at most, and says if that was not all.
 */
import type { Attempts } from '@postback/core/queue/attempts';
import type { Destinations } from '@postback/core/queue/destinations';
import type { Postback } from '@postback/core/queue/entry';
import type { DeadLetters } from '@postback/core/queue/deadLetters';
import { openEntry, openRecord } from '../dead/cancelPostback.js';
import { searchDead } from '../dead/search.js';
import { searchAttempts } from '../attempts/search.js';
import type { FindDeps } from './findPostback.js';

export interface ReferenceDeps extends FindDeps {
  readonly attempts: Pick<Attempts, 'search' | 'read'>;
  readonly dead: FindDeps['dead'] & Pick<DeadLetters, 'page' | 'read'>;
  readonly destinations: FindDeps['destinations'] & Pick<Destinations, 'parkedDestinations'>;
}

export interface Named {
  readonly ids: readonly string[];
  /** False: there may be more of them, further back or deeper in the queue. */
  readonly isComplete: boolean;
}

const PAGE = 1_000;
/** Of each stream, of the delayed, and of all that is parked: 100,000 entries, some 100 ms of Redis's time. */
const MAX_PAGES = 100;
/** Attempts of one reference that are looked at. */
const MAX_ATTEMPTS = 500;

export async function findByReference(reference: string, limit: number, deps: ReferenceDeps): Promise<Named> {
  const ids = new Set<string>();
  const { stream, retries } = deps.waiting.keys;
  const parts = [
    await inAttempts(reference, ids, deps),
    await inDelayed(reference, ids, deps),
    await inStreams([retries], reference, ids, deps),
    await inStreams([stream], reference, ids, deps),
    await inStreams(await parkedStreams(deps), reference, ids, deps),
    await inDead(reference, limit, ids, deps),
  ];
  const newestFirst = [...ids].sort((left, right) => compareIds(right, left));
  return { ids: newestFirst.slice(0, limit), isComplete: parts.every(Boolean) && newestFirst.length <= limit };
}

async function inAttempts(reference: string, ids: Set<string>, { attempts }: ReferenceDeps): Promise<boolean> {
  const found = await searchAttempts(attempts, { filter: { reference }, limit: MAX_ATTEMPTS });
  for (const { id } of found.attempts) ids.add(id);
  return found.next === undefined;
}

/** One budget for all of them. */
async function inStreams(
  streams: readonly string[],
  reference: string,
  ids: Set<string>,
  deps: ReferenceDeps,
): Promise<boolean> {
  let pages = 0;
  for (const stream of streams) {
    for (let after: string | undefined = ''; after !== undefined;) {
      if (pages++ === MAX_PAGES) return false;
      const page = await deps.lookup.findEntries({ stream, needle: { reference }, after, count: PAGE });
      for (const entry of page.entries) note(openEntry(entry, deps), reference, ids);
      after = page.next;
    }
  }
  return true;
}

async function parkedStreams({ destinations, waiting }: ReferenceDeps): Promise<string[]> {
  const parked = await destinations.parkedDestinations(MAX_PAGES);
  return parked.map(({ destination }) => waiting.keys.parkedOf(destination));
}

async function inDelayed(reference: string, ids: Set<string>, { lookup }: ReferenceDeps): Promise<boolean> {
  let cursor = '0';
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await lookup.findDelayed({ needle: { reference }, cursor, count: PAGE });
    for (const record of page.records) note(openRecord(record), reference, ids);
    cursor = page.cursor;
    if (cursor === '0') return true;
  }
  return false;
}

async function inDead(reference: string, limit: number, ids: Set<string>, { dead }: ReferenceDeps): Promise<boolean> {
  const found = await searchDead(dead, { filter: { reference }, order: 'newest', limit });
  for (const { letter } of found.letters) ids.add(letter.id);
  return found.next === undefined;
}

function note(postback: Postback | undefined, reference: string, ids: Set<string>): void {
  if (postback?.reference === reference) ids.add(postback.id);
}

function compareIds(left: string, right: string): number {
  const [leftParts, rightParts] = [left.split('-').map(Number), right.split('-').map(Number)];
  return (leftParts[1] ?? 0) - (rightParts[1] ?? 0) || (leftParts[2] ?? 0) - (rightParts[2] ?? 0);
}
