/** Everything that concerns one destination: what is parked for it, and what all workers know of its state. */
import type { DestinationState } from './destinationState.js';
import type { QueueKeys } from './keys.js';
import type { RedisSender } from './script.js';
import { setBreaker, takeProbe, type BreakerAnswer, type BreakerChange } from './scripts/breaker.js';
import { park, type Parking } from './scripts/park.js';
import { pauseDestination, resumeDestination } from './scripts/pauseDestination.js';
import { readDestination, readDestinations, tidyDestination } from './scripts/readDestinations.js';
import { findParked, parkedDestinations, type FoundParked, type ParkedDestination } from './scripts/readParked.js';
import { release } from './scripts/release.js';
import { setHold } from './scripts/setHold.js';
import { takeRate, type RateRequest } from './scripts/takeRate.js';

/** A `destination` is `scheme://host:port`, as the compiled endpoint has it. */
export interface Destinations {
  /** Several at once, in their order. Returns how many were still their consumer's and were moved; no attempt is counted. */
  park(destination: string, items: readonly Parking[]): Promise<number>;
  /** The first in line go to `retries`; returns how many. */
  release(destination: string, limit: number): Promise<number>;
  /** The one that waits longest comes first. */
  parkedDestinations(limit: number, offset?: number): Promise<ParkedDestination[]>;
  /** In bounded time: a million entries are looked through at most (scripts/readParked.ts). */
  findParked(id: string, destination?: string): Promise<FoundParked | undefined>;
  readDestination(destination: string): Promise<DestinationState>;
  /** Those for which something holds, or was paused before. */
  readDestinations(): Promise<DestinationState[]>;
  /** Clears away what is said of a destination and holds no longer. */
  tidyDestination(destination: string): Promise<void>;
  /** Returns until when it is held now, ms since the epoch by Redis's clock; a hold is never shortened. */
  setHold(destination: string, forMs: number): Promise<number>;
  /** Compare-and-set: of several workers that see the same state, one changes it. */
  setBreaker(destination: string, change: BreakerChange): Promise<BreakerAnswer>;
  /** `taken`: the breaker is half-open now, and nobody else may probe for `leaseMs`. The probe ends with setBreaker. */
  takeProbe(destination: string, leaseMs: number): Promise<BreakerAnswer>;
  /** False when it was paused already: then nothing is changed. */
  pauseDestination(destination: string, pause: { readonly by: string; readonly reason: string }): Promise<boolean>;
  /** False when it was not paused. */
  resumeDestination(destination: string): Promise<boolean>;
  /** Returns how many attempts may be made now, of those wanted; 0 = wait. */
  takeRate(destination: string, request: RateRequest): Promise<number>;
}

export function createDestinations(redis: RedisSender, keys: QueueKeys): Destinations {
  return {
    park: (destination, items) => park(redis, keys, destination, items),
    release: (destination, limit) => release(redis, keys, destination, limit),
    parkedDestinations: (limit, offset) => parkedDestinations(redis, keys, limit, offset),
    findParked: (id, destination) => findParked(redis, keys, id, destination),
    readDestination: (destination) => readDestination(redis, keys, destination),
    readDestinations: () => readDestinations(redis, keys),
    tidyDestination: (destination) => tidyDestination(redis, keys, destination),
    setHold: (destination, forMs) => setHold(redis, keys, destination, forMs),
    setBreaker: (destination, change) => setBreaker(redis, keys, destination, change),
    takeProbe: (destination, leaseMs) => takeProbe(redis, keys, destination, leaseMs),
    pauseDestination: (destination, pause) => pauseDestination(redis, keys, destination, pause),
    resumeDestination: (destination) => resumeDestination(redis, keys, destination),
    takeRate: (destination, request) => takeRate(redis, keys, destination, request),
  };
}
