/** Finds one postback wherever it waits and cancels it. It may move while it is looked for, so it is looked for twice. */
import type { DeadLetter } from '@postback/core/queue/deadLetter';
import type { DeadLetters, Waiting } from '@postback/core/queue/deadLetters';
import type { Destinations } from '@postback/core/queue/destinations';
import {
  decodeRecord,
  EntryError,
  FORMAT_VERSION,
  NewerEntryError,
  readEntry,
  type Postback,
} from '@postback/core/queue/entry';
import type { Queue } from '@postback/core/queue/queue';
import type { CancelSpot } from '@postback/core/queue/scripts/cancel';
import type { RawEntry } from '@postback/core/queue/scripts/read';

export interface CancelDeps {
  readonly queue: Pick<Queue, 'readEndpoint'>;
  readonly waiting: Waiting;
  readonly dead: Pick<DeadLetters, 'find'>;
  readonly destinations: Pick<Destinations, 'findParked'>;
}

export type Cancellation = 'cancelled' | 'pending' | 'dead' | 'unknown';

const LOOKS = 2;
const PAGE = 200;
/** So many entries are looked through at most: about a second. */
const MAX_PAGES = 500;

export async function cancelPostback(id: string, deps: CancelDeps): Promise<Cancellation> {
  const { stream, retries } = deps.waiting.keys;
  const streamId = id.slice(id.indexOf('-') + 1);
  const places = [
    () => cancelAccepted(id, streamId, deps),
    () => cancelDelayed(id, deps),
    () => cancelRecord(id, { stream: retries, after: '' }, deps),
    async () => ((await deps.dead.find(id)) ? ('dead' as const) : undefined),
    () => cancelParked(id, deps),
    // A scheduled postback that is due stands in the stream again, behind its acceptance.
    () => cancelRecord(id, { stream, after: streamId }, deps),
  ];
  for (let look = 0; look < LOOKS; look++) {
    for (const lookInto of places) {
      const outcome = await lookInto();
      if (outcome) return outcome;
    }
  }
  return 'unknown';
}

/** A first attempt's entry has the postback's own id. */
async function cancelAccepted(id: string, streamId: string, deps: CancelDeps): Promise<Cancellation | undefined> {
  const entry = await deps.waiting.peekEntry(deps.waiting.keys.stream, streamId);
  return entry && openEntry(entry, deps)?.id === id ? cancelEntry(entry, deps) : undefined;
}

async function cancelDelayed(id: string, deps: CancelDeps): Promise<Cancellation | undefined> {
  const record = await deps.waiting.peekDelayed(id);
  const postback = record === undefined ? undefined : openRecord(record);
  if (record === undefined || !postback) return undefined;
  return (await cancelAt({ kind: 'delayed', record }, postback, deps)) ? 'cancelled' : undefined;
}

async function cancelParked(id: string, deps: CancelDeps): Promise<Cancellation | undefined> {
  const found = await deps.destinations.findParked(id);
  const postback = found && openEntry(found.entry, deps);
  if (!found || !postback) return undefined;
  const { destination, entry } = found;
  const spot = { kind: 'parked', destination, streamId: entry.streamId } as const;
  return (await cancelAt(spot, postback, deps)) ? 'cancelled' : undefined;
}

/** What has been moved has another stream id than its own, so it is looked for. */
async function cancelRecord(
  id: string,
  { stream, after }: { stream: string; after: string },
  deps: CancelDeps,
): Promise<Cancellation | undefined> {
  let from = after;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await deps.waiting.peekStream(stream, from, PAGE);
    const entry = page.find((candidate) => openEntry(candidate, deps)?.id === id);
    if (entry) return cancelEntry(entry, deps);
    if (page.length < PAGE) return undefined;
    from = (page.at(-1) as RawEntry).streamId;
  }
  return undefined;
}

/** Undefined when it has moved on meanwhile. */
async function cancelEntry(entry: RawEntry, deps: CancelDeps): Promise<Cancellation | undefined> {
  const postback = openEntry(entry, deps);
  if (!postback) return undefined;
  const { stream, streamId } = entry;
  if (await cancelAt({ kind: 'stream', stream, streamId }, postback, deps)) return 'cancelled';
  return (await deps.waiting.isPending(entry)) ? 'pending' : undefined;
}

export async function cancelAt(spot: CancelSpot, postback: Postback, deps: CancelDeps): Promise<boolean> {
  const endpointJson = (await deps.queue.readEndpoint(postback.endpointHash)) ?? null;
  return deps.waiting.cancel(spot, letterOf(postback, endpointJson));
}

export function letterOf(postback: Postback, endpointJson: string | null): DeadLetter {
  return { v: FORMAT_VERSION, ...postback, reason: 'cancelled', detail: 'cancelled by an operator', endpointJson };
}

/** Undefined for what cannot be read here: it is the workers' to judge. */
export function openEntry(entry: RawEntry, { waiting }: Pick<CancelDeps, 'waiting'>): Postback | undefined {
  return open(() => readEntry(waiting.keys.partition, entry.streamId, entry.fields));
}

export function openRecord(record: string): Postback | undefined {
  return open(() => decodeRecord(record));
}

function open(read: () => Postback): Postback | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof EntryError || error instanceof NewerEntryError) return undefined;
    throw error;
  }
}
