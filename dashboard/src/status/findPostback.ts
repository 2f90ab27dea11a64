/**
 * Where one postback is. What it costs: a postback that was not moved yet, a delayed and a dead one are found by their id, at once. One
 * that waits for its retry has another id in its stream, so that stream is looked through in Redis: a millisecond per 1,000
 * entries, a second at most; it is short, since it holds only what is due now. What is parked is looked for in the line of its
 * destination, among a million entries at most (core: scripts/readParked.ts). A postback may move meanwhile, so it is looked for
 * twice.
 */
import type { BuriedLetter } from '@postback/core/queue/deadLetter';
import type { DeadLetters, Waiting } from '@postback/core/queue/deadLetters';
import type { Destinations } from '@postback/core/queue/destinations';
import type { Postback } from '@postback/core/queue/entry';
import type { Lookup } from '@postback/core/queue/lookup';
import type { RawEntry } from '@postback/core/queue/scripts/read';
import { openEntry, openRecord } from '../dead/cancelPostback.js';

export interface FindDeps {
  readonly waiting: Waiting;
  readonly lookup: Lookup;
  readonly dead: Pick<DeadLetters, 'find'>;
  readonly destinations: Pick<Destinations, 'findParked'>;
}

/** Without `postback`: written by another version, it cannot be read here. */
export type Place =
  | { readonly state: 'waiting' | 'pending'; readonly postback?: Postback | undefined }
  | { readonly state: 'delayed'; readonly postback?: Postback | undefined; readonly dueAt: number | undefined }
  | { readonly state: 'parked'; readonly postback?: Postback | undefined; readonly destination: string }
  | { readonly state: 'dead' | 'cancelled'; readonly buried: BuriedLetter };

const LOOKS = 2;
const PAGE = 1_000;
const MAX_PAGES = 1_000;

/** @param destination where its last attempt went, if it is known: what is parked is found sooner */
export async function findPostback(id: string, deps: FindDeps, destination?: string): Promise<Place | undefined> {
  for (let look = 0; look < LOOKS; look++) {
    const place = await findAtOnce(id, deps);
    if (place) return place;
    const moved = (await findMoved(id, deps)) ?? (await findParked(id, destination, deps));
    if (moved) return moved;
  }
  return undefined;
}

/** Where a postback is found by its id: a few reads, however much is queued. */
export async function findAtOnce(id: string, deps: FindDeps): Promise<Place | undefined> {
  const { waiting, lookup } = deps;
  const entry = await waiting.peekEntry(waiting.keys.stream, streamIdOf(id));
  if (entry && isOf(id, entry, deps)) return placeOf(entry, deps);
  const record = await waiting.peekDelayed(id);
  if (record !== undefined) {
    return { state: 'delayed', postback: openRecord(record), dueAt: await lookup.dueAt(id) };
  }
  const buried = await deps.dead.find(id);
  return buried && { state: buried.letter.reason === 'cancelled' ? 'cancelled' : 'dead', buried };
}

/** A retry that is due, or a scheduled postback that stands in the stream again, behind its acceptance. */
async function findMoved(id: string, deps: FindDeps): Promise<Place | undefined> {
  const { stream, retries } = deps.waiting.keys;
  const entry = (await findIn(retries, '', id, deps)) ?? (await findIn(stream, streamIdOf(id), id, deps));
  return entry && placeOf(entry, deps);
}

async function findParked(id: string, expected: string | undefined, deps: FindDeps): Promise<Place | undefined> {
  const { destinations } = deps;
  const near = expected === undefined ? undefined : await destinations.findParked(id, expected);
  const found = near ?? (await destinations.findParked(id));
  return found && { state: 'parked', postback: openEntry(found.entry, deps), destination: found.destination };
}

async function findIn(stream: string, start: string, id: string, deps: FindDeps): Promise<RawEntry | undefined> {
  let after: string | undefined = start;
  for (let pages = 0; pages < MAX_PAGES && after !== undefined; pages++) {
    const page = await deps.lookup.findEntries({ stream, needle: { id }, after, count: PAGE });
    const entry = page.entries.find((candidate) => openEntry(candidate, deps)?.id === id);
    if (entry) return entry;
    after = page.next;
  }
  return undefined;
}

async function placeOf(entry: RawEntry, deps: FindDeps): Promise<Place> {
  const state = (await deps.waiting.isPending(entry)) ? 'pending' : 'waiting';
  return { state, postback: openEntry(entry, deps) };
}

/** A moved entry can have the stream id of another's acceptance. */
function isOf(id: string, entry: RawEntry, deps: FindDeps): boolean {
  const postback = openEntry(entry, deps);
  return postback === undefined || postback.id === id;
}

function streamIdOf(id: string): string {
  return id.slice(id.indexOf('-') + 1);
}
