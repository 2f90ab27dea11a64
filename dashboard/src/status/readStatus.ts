/** All that is known of one postback: where it is, and what was kept of its attempts. */
import type { Attempts } from '@postback/core/queue/attempts';
import type { PastAttempt } from '@postback/core/queue/entry';
import type { KeptAttempt } from '@postback/core/queue/keptAttempt';
import type { Queue } from '@postback/core/queue/queue';
import { findAtOnce, findPostback, type FindDeps, type Place } from './findPostback.js';

export interface StatusDeps extends FindDeps {
  readonly attempts: Pick<Attempts, 'of'>;
  readonly queue: Pick<Queue, 'readEndpoint'>;
}

export type State = Place['state'] | 'delivered';

/** An attempt of which only the postback itself tells. */
export interface BareAttempt {
  readonly endedAt: number;
  readonly code: number | string;
  readonly totalMs: number;
}

export interface Status {
  readonly id: string;
  readonly state: State;
  /** `undefined`: it is delivered, or its letter is gone. */
  readonly place: Place | undefined;
  /** The endpoint as the client sent it, while it is stored. */
  readonly endpointJson: string | null;
  /** Oldest first. */
  readonly attempts: readonly (KeptAttempt | BareAttempt)[];
}

/** It stays like this unless an operator does something. */
export const FINAL_STATES: readonly State[] = ['delivered', 'dead', 'cancelled'];

/** `undefined`: it was never accepted, or nothing of it is kept any more. */
export async function readStatus(id: string, deps: StatusDeps): Promise<Status | undefined> {
  const known = await findAtOnce(id, deps);
  const early = known ? undefined : await deps.attempts.of(id);
  if (early && wasDelivered(early)) return statusOf(id, { place: undefined, kept: early }, deps);
  const place = known ?? (await findPostback(id, deps, early?.at(-1)?.destination));
  // What was settled while it was looked for has its attempt in place before it leaves its own.
  const kept = await deps.attempts.of(id);
  return statusOf(id, { place, kept }, deps);
}

async function statusOf(
  id: string,
  { place, kept }: { place: Place | undefined; kept: readonly KeptAttempt[] },
  deps: StatusDeps,
): Promise<Status | undefined> {
  const state = place ? place.state : stateAfter(kept);
  if (state === undefined) return undefined;
  return { id, state, place, endpointJson: await endpointOf(place, deps), attempts: withHistory(kept, place) };
}

/** Of a postback that is nowhere to be found: only what was final tells where it went. */
function stateAfter(kept: readonly KeptAttempt[]): State | undefined {
  if (wasDelivered(kept)) return 'delivered';
  return kept.at(-1)?.outcome === 'dead' ? 'dead' : undefined;
}

function wasDelivered(kept: readonly KeptAttempt[]): boolean {
  return kept.some(({ outcome }) => outcome === 'delivered');
}

function endpointOf(place: Place | undefined, { queue }: StatusDeps): Promise<string | null> | null {
  if (!place) return null;
  if ('buried' in place) return Promise.resolve(place.buried.letter.endpointJson);
  if (!place.postback) return null;
  return queue.readEndpoint(place.postback.endpointHash).then((json) => json ?? null);
}

/** The postback carries its last attempts in short: they fill in for those that were not kept. */
function withHistory(kept: readonly KeptAttempt[], place: Place | undefined): (KeptAttempt | BareAttempt)[] {
  const seen = new Set(kept.map(({ endedAt }) => endedAt));
  const bare = historyOf(place)
    .filter(([endedAt]) => !seen.has(endedAt))
    .map(([endedAt, code, totalMs]): BareAttempt => ({ endedAt, code, totalMs }));
  return [...kept, ...bare].sort((left, right) => left.endedAt - right.endedAt);
}

function historyOf(place: Place | undefined): readonly PastAttempt[] {
  if (!place) return [];
  return 'buried' in place ? place.buried.letter.history : (place.postback?.history ?? []);
}
