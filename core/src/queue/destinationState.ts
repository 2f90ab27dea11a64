/**
 * What holds for a destination now, shared by all workers through Redis: an operator's pause, a hold that the destination asked for,
 * its breaker. One JSON text per destination, only while something holds. It is advice: a worker that has not heard of it
 * yet makes an attempt too many, nothing is lost by that.
 */
import type { Pauses } from './scripts/pause.js';

export interface DestinationPause {
  /** Who, for a person to read. */
  readonly by: string;
  readonly reason: string;
  /** ms since the epoch, by Redis's clock, as all times here. */
  readonly since: number;
}

export interface Breaker {
  /** Closed is the same as no breaker at all, and is not kept. */
  readonly state: 'open' | 'half-open';
  /** When this state began: it names the state in a compare-and-set. */
  readonly since: number;
  /** Open until then; while half-open, as long as nobody else may probe. */
  readonly until: number;
  readonly reason: string;
  /** How often it has opened since it was last closed: the time that it stays open grows with it. */
  readonly trips: number;
  /** When it was closed last; missing in what an older version wrote. */
  readonly downSince?: number;
}

export interface DestinationState {
  readonly destination: string;
  readonly pause: DestinationPause | undefined;
  /** Start and end in ms of pauses that have ended, the newest first: the ttl clock stood still meanwhile. */
  readonly pauses: readonly (readonly [start: number, end: number])[];
  /** No attempt before, because the destination said so (Retry-After); 0 = none. */
  readonly holdUntil: number;
  readonly breaker: Breaker | undefined;
}

export function emptyState(destination: string): DestinationState {
  return { destination, pause: undefined, pauses: [], holdUntil: 0, breaker: undefined };
}

/** Survives any text: what is not ours does not hold. */
export function parseState(destination: string, json: string): DestinationState {
  try {
    const { pause, pauses, holdUntil, breaker } = JSON.parse(json) as Partial<DestinationState>;
    return { destination, pause, pauses: pauses ?? [], holdUntil: holdUntil ?? 0, breaker };
  } catch {
    return emptyState(destination);
  }
}

/** In the form that pausedMsBetween (scripts/pause.ts) takes. */
export function pausesOf({ pause, pauses }: DestinationState): Pauses {
  const current = pause && { ...pause, by: 'operator' as const, version: '' };
  return { current, past: pauses };
}
