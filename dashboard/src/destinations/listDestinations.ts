/** Destinations: what is parked for each and what holds for it, and how much went there. */
import { emptyState, type Breaker, type DestinationState } from '@postback/core/queue/destinationState';
import type { Destinations } from '@postback/core/queue/destinations';
import type { ParkedDestination } from '@postback/core/queue/scripts/readParked';
import type { Tally } from '@postback/core/stats/tally';
import { attemptsIn, failuresIn, showVolume } from './volume.js';

/** So many with something parked are looked at, the longest waiting first: about 20 ms of Redis's time, in pages. */
const MAX_PARKED = 10_000;
const PAGE = 1_000;

export interface ListedDestination {
  readonly state: DestinationState;
  readonly parked: ParkedDestination | undefined;
  /** `undefined`: nothing was attempted lately. */
  readonly volume: Tally | undefined;
}

export interface DestinationPage {
  readonly destinations: readonly ListedDestination[];
  /** How many there are in all. */
  readonly total: number;
}

type Reader = Pick<Destinations, 'readDestinations' | 'parkedDestinations'>;

export const DESTINATION_ORDERS = ['parked', 'volume', 'failures'] as const;

export interface DestinationQuery {
  readonly offset: number;
  readonly limit: number;
  /** ms since the epoch, by Redis's clock */
  readonly now: number;
  /** By destination. */
  readonly volumes: ReadonlyMap<string, Tally>;
  /** Those too that are simply called, as long as something went there. */
  readonly isAll: boolean;
  /** The greatest first. */
  readonly order: (typeof DESTINATION_ORDERS)[number];
}

/** The order changes with the lines: between two pages a destination may come twice, or be passed over. */
export async function listDestinations(
  reader: Reader,
  { offset, limit, now, volumes, isAll, order }: DestinationQuery,
): Promise<DestinationPage> {
  const states = new Map((await reader.readDestinations()).map((state) => [state.destination, state]));
  const parked = new Map((await readParked(reader)).map((line) => [line.destination, line]));
  const names = [...new Set([...states.keys(), ...parked.keys(), ...(isAll ? volumes.keys() : [])])];
  const all = names.map((name): ListedDestination => ({
    state: states.get(name) ?? emptyState(name),
    parked: parked.get(name),
    volume: volumes.get(name),
  }));
  const listed = all.filter(({ state, parked: line, volume }) => line || isHolding(state, now) || (isAll && volume));
  const sizeOf = SIZES[order];
  listed.sort((a, b) => sizeOf(b) - sizeOf(a) || (a.state.destination < b.state.destination ? -1 : 1));
  return { destinations: listed.slice(offset, offset + limit), total: listed.length };
}

async function readParked(reader: Reader): Promise<ParkedDestination[]> {
  const found: ParkedDestination[] = [];
  for (let offset = 0; offset < MAX_PARKED; offset += PAGE) {
    const page = await reader.parkedDestinations(PAGE, offset);
    found.push(...page);
    if (page.length < PAGE) break;
  }
  return found;
}

/** A pause that is over is kept for the ttl clock alone. */
function isHolding({ pause, breaker, holdUntil }: DestinationState, now: number): boolean {
  return pause !== undefined || breaker !== undefined || holdUntil > now;
}

const SIZES: Record<DestinationQuery['order'], (destination: ListedDestination) => number> = {
  parked: ({ parked }) => parked?.count ?? 0,
  volume: ({ volume }) => attemptsIn(volume),
  failures: ({ volume }) => failuresIn(volume),
};

/** What an operator sees; times in ISO 8601, ages in seconds by Redis's clock. Pure. */
export function showDestination({ state, parked, volume }: ListedDestination, now: number) {
  const { destination, pause, holdUntil, breaker } = state;
  const isHeld = holdUntil > now;
  return {
    destination,
    state: nameOf(state, isHeld),
    parked: parked?.count ?? 0,
    parkedBytes: parked?.bytes ?? 0,
    oldestSeconds: parked ? Math.max(0, Math.round((now - parked.oldestAt) / 1_000)) : undefined,
    pause: pause && { ...pause, since: toTime(pause.since) },
    heldUntil: isHeld ? toTime(holdUntil) : undefined,
    volume: volume && showVolume(volume),
    breaker: breaker && showBreaker(breaker),
  };
}

function showBreaker({ since, until, downSince = since, ...breaker }: Breaker) {
  return { ...breaker, since: toTime(since), until: toTime(until), downSince: toTime(downSince) };
}

/** The strongest of what holds. */
function nameOf({ pause, breaker }: DestinationState, isHeld: boolean): string {
  if (pause) return 'paused';
  if (breaker) return breaker.state === 'open' ? 'broken' : 'probing';
  return isHeld ? 'held' : 'called';
}

function toTime(ms: number): string {
  return new Date(ms).toISOString();
}
