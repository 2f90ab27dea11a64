/** Postbacks that end without another attempt, and the entries that cannot be opened at all: dead letters, with their reason. */
import type { Logger } from '@postback/core/logger';
import type { DeadLetter, DeadReason } from '@postback/core/queue/deadLetter';
import { EntryError, FORMAT_VERSION, NewerEntryError, readEntry, type Postback } from '@postback/core/queue/entry';
import type { Queue } from '@postback/core/queue/queue';
import type { Held } from '@postback/core/queue/scripts/held';
import type { RawEntry } from '@postback/core/queue/scripts/read';
import type { StatsRecorder } from '@postback/core/stats/recorder';
import type { EndpointLookup, Endpoints } from './endpoints.js';
import { untilAnswered } from './untilAnswered.js';

export interface BuryDeps {
  readonly queue: Queue;
  readonly consumer: string;
  readonly endpoints: Endpoints;
  readonly logger: Logger;
  readonly stats: Pick<StatsRecorder, 'died'>;
  /** Redis may be gone for good: moves are no longer repeated. */
  readonly isGivenUp: () => boolean;
}

type Cause = { readonly reason: DeadReason; readonly detail: string };

/** Poison: handed out too often, each time the last thing its worker did. Not sent again. */
export async function buryPoison(entry: RawEntry & { deliveryCount: number }, deps: BuryDeps): Promise<void> {
  const held: Held = { stream: entry.stream, streamId: entry.streamId, consumer: deps.consumer };
  const detail = `handed out ${entry.deliveryCount - 1} times without an outcome`;
  await burn(held, entry, { reason: 'poison', detail }, deps);
}

/** Poison that may not die now (see countPoison): it waits as if it had never been handed out, for a version that can bear it. */
export async function spare(entry: RawEntry, deps: BuryDeps): Promise<void> {
  const postback = open(entry, deps.queue.keys.partition);
  if (postback instanceof Error) return;
  const held: Held = { stream: entry.stream, streamId: entry.streamId, consumer: deps.consumer };
  await move(deps, () => deps.queue.handBack(held, postback));
}

export function open(entry: RawEntry, partition: number): Postback | EntryError | NewerEntryError {
  try {
    return readEntry(partition, entry.streamId, entry.fields);
  } catch (error) {
    if (error instanceof EntryError || error instanceof NewerEntryError) return error;
    throw error;
  }
}

export function readEndpoint(postback: Postback, { endpoints, isGivenUp }: BuryDeps): Promise<EndpointLookup> {
  return untilAnswered(() => endpoints.read(postback.endpointHash), isGivenUp);
}

export function buryUnsent(held: Held, postback: Postback, lookup: EndpointLookup, deps: BuryDeps): Promise<void> {
  const json = lookup.kind === 'unusable' ? lookup.json : null;
  const detail = lookup.kind === 'unusable' ? lookup.detail : 'its endpoint is no longer stored';
  return bury(held, letterOf(postback, json, { reason: 'unrenderable', detail }), deps);
}

export function buryExpired(held: Held, postback: Postback, json: string, deps: BuryDeps): Promise<void> {
  return bury(held, letterOf(postback, json, { reason: 'expired', detail: 'its ttl ended before the attempt' }), deps);
}

/** For entries that are not opened: the letter keeps the raw fields. */
export async function burn(held: Held, entry: RawEntry, cause: Cause, deps: BuryDeps): Promise<void> {
  const opened = open(entry, deps.queue.keys.partition);
  if (!(opened instanceof Error)) {
    const lookup = await readEndpoint(opened, deps);
    return bury(held, letterOf(opened, lookup.kind === 'missing' ? null : lookup.json, cause), deps);
  }
  const id = `${deps.queue.keys.partition}-${entry.streamId}`;
  const unknown = {
    id,
    endpointHash: hashIn(entry.fields),
    data: JSON.stringify(entry.fields),
    attemptsMade: 0,
    history: [],
  };
  return bury(held, letterOf(unknown, null, cause), deps);
}

/** The endpoint that an entry names although it cannot be read otherwise: it no longer needs it. */
function hashIn(fields: readonly string[]): string {
  const at = fields.findIndex((name, index) => index % 2 === 0 && name === 'e');
  return at < 0 ? '' : (fields[at + 1] ?? '');
}

export function bury(held: Held, letter: DeadLetter, deps: BuryDeps): Promise<void> {
  const { id, reference, reason, detail } = letter;
  deps.logger.warn('postback.died', { postback_id: id, reference, reason, detail });
  deps.stats.died(reason, destinationOf(letter, deps));
  return move(deps, () => deps.queue.bury(held, letter));
}

/** Where it would have gone, as far as that has been read. */
function destinationOf({ endpointHash }: DeadLetter, { endpoints }: BuryDeps): string | undefined {
  const lookup = endpoints.cached(endpointHash);
  return lookup?.kind === 'found' ? lookup.endpoint.destination : undefined;
}

/** Repeats the move until Redis confirms it; that the entry is no longer ours is no fault. */
export async function move({ isGivenUp, logger }: BuryDeps, operation: () => Promise<boolean>): Promise<void> {
  const isMoved = await untilAnswered(operation, isGivenUp);
  if (!isMoved) logger.debug('postback.not_ours', {});
}

export function letterOf(postback: Postback, endpointJson: string | null, { reason, detail }: Cause): DeadLetter {
  return { v: FORMAT_VERSION, ...postback, reason, detail, endpointJson };
}
