/**
 * Cancels all that waits for one destination: a step at a time, because a stream may hold millions of entries for others. What is
 * being attempted is left alone; if its attempt fails it is delayed, and a later step or another round finds it there.
 */
import type { RawEntry } from '@postback/core/queue/scripts/read';
import type { Postback } from '@postback/core/queue/entry';
import type { CancelSpot } from '@postback/core/queue/scripts/cancel';
import { letterOf, openEntry, openRecord, type CancelDeps } from './cancelPostback.js';
import { destinationOf } from './destination.js';

const PLACES = ['stream', 'retries', 'delayed', 'parked'] as const;
const PAGE = 200;
/** 10,000 entries take about half a second. */
const PAGES = 50;

/** Where a step goes on. */
export interface CancelCursor {
  readonly place: (typeof PLACES)[number];
  /** A stream id, or the cursor of HSCAN. */
  readonly at: string;
}

export interface CancelStep {
  readonly cancelled: number;
  readonly scanned: number;
  readonly next: CancelCursor | undefined;
}

export const CANCEL_START: CancelCursor = { place: 'stream', at: '' };

interface Candidate {
  readonly spot: CancelSpot;
  readonly postback: Postback | undefined;
}

/** @param destination `scheme://host:port` */
export async function cancelDestination(
  destination: string,
  from: CancelCursor,
  deps: CancelDeps,
): Promise<CancelStep> {
  const isWanted = wantedEndpoints(destination, deps);
  let next: CancelCursor | undefined = from;
  let [cancelled, scanned] = [0, 0];
  for (let pages = 0; next && pages < PAGES; pages++) {
    const page = await readPage(destination, next, deps);
    const moved = await Promise.all(page.candidates.map((candidate) => cancelIfWanted(candidate, isWanted, deps)));
    cancelled += moved.filter(Boolean).length;
    scanned += page.candidates.length;
    next = page.next;
  }
  return { cancelled, scanned, next };
}

async function readPage(destination: string, { place, at }: CancelCursor, deps: CancelDeps) {
  if (place === 'delayed') return readDelayedPage(at, deps);
  const { keys } = deps.waiting;
  const page = await deps.waiting.peekStream(place === 'parked' ? keys.parkedOf(destination) : keys[place], at, PAGE);
  const candidates = page.map((entry): Candidate => {
    const { stream, streamId } = entry;
    const spot =
      place === 'parked' ? { kind: place, destination, streamId } : { kind: 'stream' as const, stream, streamId };
    return { spot, postback: openEntry(entry, deps) };
  });
  const last = page.length < PAGE ? undefined : (page.at(-1) as RawEntry).streamId;
  return { candidates, next: last === undefined ? nextPlace(place) : { place, at: last } };
}

async function readDelayedPage(at: string, { waiting }: CancelDeps) {
  const { cursor, records } = await waiting.scanDelayed(at, PAGE);
  const candidates = records.map((record): Candidate => ({
    spot: { kind: 'delayed', record },
    postback: openRecord(record),
  }));
  return { candidates, next: cursor === '0' ? nextPlace('delayed') : { place: 'delayed' as const, at: cursor } };
}

/** Parked comes last: what a worker parks meanwhile is met there. */
function nextPlace(place: CancelCursor['place']): CancelCursor | undefined {
  const next = PLACES[PLACES.indexOf(place) + 1];
  return next && { place: next, at: next === 'delayed' ? '0' : '' };
}

type IsWanted = (hash: string) => Promise<string | undefined>;

async function cancelIfWanted({ spot, postback }: Candidate, isWanted: IsWanted, deps: CancelDeps): Promise<boolean> {
  if (!postback) return false;
  const endpointJson = await isWanted(postback.endpointHash);
  return endpointJson !== undefined && deps.waiting.cancel(spot, letterOf(postback, endpointJson));
}

/** The endpoint's JSON text when it is of the destination; each is read once per step. */
function wantedEndpoints(destination: string, { queue }: CancelDeps): IsWanted {
  const known = new Map<string, Promise<string | undefined>>();
  return (hash) => {
    const reading = known.get(hash) ?? readWanted(hash);
    known.set(hash, reading);
    return reading;
  };
  async function readWanted(hash: string): Promise<string | undefined> {
    const json = await queue.readEndpoint(hash);
    return json !== undefined && destinationOf(json) === destination ? json : undefined;
  }
}

export function isCancelPlace(text: string): text is CancelCursor['place'] {
  return (PLACES as readonly string[]).includes(text);
}
