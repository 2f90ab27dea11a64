/**
 * Whose turn it is: slots for attempts, given to destinations one after another.
 *
 * Each destination has a short queue here, per lane (first attempts, retries). A slot that comes free goes to the next destination
 * in the round that has somebody waiting and whose flow allows one more. No slot stays empty while somebody wants it, but for this:
 * each lane keeps a share that the other cannot take; destinations that are slow hold half of the slots together, those that nobody
 * knows yet and hold some no more either; and a few slots beyond the others only serve destinations that hold none, so that a
 * newcomer does not wait for a full house. What would wait too long is given up, to be parked by whoever brought it.
 */
import {
  countWithin,
  expectedWaitMs,
  FEW,
  isProven,
  isStalled,
  newFlow,
  noteEnd,
  noteStart,
  type Ending,
  type Flow,
} from './flow.js';

export type Lane = 'first' | 'retry';

export interface Turn {
  readonly lane: Lane;
  readonly destination: string;
  /** Makes the attempt; must not throw. It has the slot until it ends, and reports what came of it as soon as that is known. */
  readonly start: (report: Report) => Promise<void>;
  /** It will not start: it would wait too long, or its destination is closed. */
  readonly giveUp: () => void;
}

/** Nothing to report: nothing was learnt about the destination. */
export type Report = (ending: Ending | undefined) => void;

export interface Turns {
  /** Starts it now, later, or gives it up. */
  add(turn: Turn): void;
  /** Gives up what waits for the destination, or everything that waits. */
  clear(destination?: string): void;
  /** How many more of the destination would start soon. */
  roomFor(destination: string): number;
  /** Attempts under way. */
  running(): number;
  /** Looks after those that wait; every LOOK_EVERY_MS. */
  look(): void;
}

interface TurnsDeps {
  readonly capacity: number;
  /** What would wait longer is given up. */
  readonly maxWaitMs: number;
  /** Monotonic. */
  readonly now: () => number;
}

interface Waiter {
  readonly turn: Turn;
  readonly since: number;
}

interface Place {
  readonly destination: string;
  readonly flow: Flow;
  readonly waiting: Readonly<Record<Lane, Waiter[]>>;
  isSlow: boolean;
  isProven: boolean;
}

const LANES: readonly Lane[] = ['first', 'retry'];
/** The part of the slots that only this lane may take. */
const SHARE: Readonly<Record<Lane, number>> = { first: 1 / 4, retry: 1 / 8 };
const OTHER: Readonly<Record<Lane, Lane>> = { first: 'retry', retry: 'first' };
/** Slots for destinations that hold none, beyond the others. */
const EXTRA = 1 / 8;
const SLOW_SHARE = 1 / 2;
const UNPROVEN_SHARE = 7 / 8;
export const LOOK_EVERY_MS = 50;
/** What is to be at hand of a destination that answers quickly: enough until more is brought. */
const SOON_MS = 50;
/** A look that comes so much later than it should: this process stood still, not the destinations. */
const LATE_MS = 50;
/** More destinations than this are not remembered while nothing of theirs is here. */
const REMEMBERED = 5_000;

export function createTurns({ capacity, maxWaitMs, now }: TurnsDeps): Turns {
  const places = new Map<string, Place>();
  const rounds: Readonly<Record<Lane, Place[]>> = { first: [], retry: [] };
  const running: Record<Lane, number> = { first: 0, retry: 0 };
  const held = { slow: 0, unproven: 0 };
  const atLeast = (share: number, least: number) => Math.max(least, Math.floor(capacity * share));
  const reserve = { first: 0, retry: 0 };
  if (capacity > 1) for (const lane of LANES) reserve[lane] = atLeast(SHARE[lane], 1);
  const extra = atLeast(EXTRA, 1);
  const slowLimit = atLeast(SLOW_SHARE, 1);
  const unprovenLimit = atLeast(UNPROVEN_SHARE, 2);
  let lookedAt = now();

  const runningNow = () => running.first + running.retry;
  const hasSlot = (lane: Lane) => {
    const other = OTHER[lane];
    return runningNow() < capacity - Math.max(0, reserve[other] - running[other]);
  };
  const hasExtra = ({ flow }: Place) => flow.inFlight === 0 && runningNow() < capacity + extra;

  function limitOf(place: Place): number {
    if (isStalled(place.flow, now())) return FEW;
    return place.isSlow ? Math.min(place.flow.window, slowLimit) : place.flow.window;
  }

  function mayStart(place: Place): boolean {
    if (place.flow.inFlight >= limitOf(place)) return false;
    if (place.isSlow) return held.slow < slowLimit;
    return place.isProven || held.slow + held.unproven < (place.flow.inFlight === 0 ? unprovenLimit : slowLimit);
  }

  function placeOf(destination: string): Place {
    const known = places.get(destination);
    if (known) return known;
    if (places.size >= REMEMBERED) forgetIdle(places);
    const waiting = { first: [], retry: [] };
    const place = { destination, flow: newFlow(now()), waiting, isSlow: false, isProven: false };
    places.set(destination, place);
    return place;
  }

  /** What the slots that the destination holds count as. */
  function countHeld({ isSlow, isProven }: Place, by: number): void {
    if (isSlow) held.slow += by;
    else if (!isProven) held.unproven += by;
  }

  function judge(place: Place): void {
    const { flow } = place;
    countHeld(place, -flow.inFlight);
    place.isProven = isProven(flow);
    place.isSlow = (flow.latencyMs !== undefined && !place.isProven) || isStalled(flow, now());
    countHeld(place, flow.inFlight);
  }

  function start(place: Place, { lane, start: attempt }: Turn): void {
    running[lane]++;
    noteStart(place.flow, now());
    countHeld(place, 1);
    let isUnderWay = true;
    const report: Report = (ending) => {
      if (!isUnderWay) return;
      isUnderWay = false;
      countHeld(place, -1);
      noteEnd(place.flow, ending, { now: now(), capacity });
      judge(place);
    };
    void attempt(report).then(() => {
      report(undefined);
      running[lane]--;
      startWaiting();
    });
  }

  /** The first attempts first: retries have waited, and keep their own share. */
  function startWaiting(): void {
    for (const lane of LANES) while (startNext(lane));
  }

  /** Whoever got a turn goes to the end of the round. */
  function startNext(lane: Lane): boolean {
    const round = rounds[lane];
    const isOpen = hasSlot(lane);
    if (!isOpen && runningNow() >= capacity + extra) return false;
    const at = round.findIndex((place) => (isOpen || hasExtra(place)) && mayStart(place));
    const place = round[at];
    if (!place) return false;
    round.splice(at, 1);
    const waiter = place.waiting[lane].shift();
    if (place.waiting[lane].length > 0) round.push(place);
    if (waiter) start(place, waiter.turn);
    return true;
  }

  const expectedMs = (place: Place, ahead: number) => {
    return expectedWaitMs(place.flow, ahead, { now: now(), limit: place.isSlow ? limitOf(place) : capacity });
  };

  /** The last ones wait longest: they are given up first, and those that have waited long enough. */
  function giveUpLate(place: Place, lane: Lane): void {
    const { waiting } = place;
    const ahead = lane === 'retry' ? waiting.first.length : 0;
    const line = waiting[lane];
    const late = now() - maxWaitMs;
    while (line[0] && line[0].since <= late) line.shift()?.turn.giveUp();
    while (line.length > 0 && expectedMs(place, ahead + line.length - 1) > maxWaitMs) line.pop()?.turn.giveUp();
    if (line.length === 0) leaveRound(place, lane);
  }

  function leaveRound(place: Place, lane: Lane): void {
    const at = rounds[lane].indexOf(place);
    if (at >= 0) rounds[lane].splice(at, 1);
  }

  function clear(place: Place): void {
    for (const lane of LANES) {
      for (const { turn } of place.waiting[lane].splice(0)) turn.giveUp();
      leaveRound(place, lane);
    }
  }

  /** Time in which this process stood still is not held against anybody. */
  function look(): void {
    const lateMs = now() - lookedAt - LOOK_EVERY_MS;
    lookedAt = now();
    for (const place of places.values()) {
      if (lateMs > LATE_MS) place.flow.progressAt += lateMs;
      if (place.flow.inFlight > 0) judge(place);
    }
    if (lateMs > LATE_MS) return;
    for (const lane of LANES) for (const place of [...rounds[lane]]) giveUpLate(place, lane);
    startWaiting();
  }

  return {
    add: (turn) => {
      const { lane, destination } = turn;
      const place = placeOf(destination);
      const line = place.waiting[lane];
      if (line.length === 0 && mayStart(place) && (hasSlot(lane) || hasExtra(place))) return start(place, turn);
      const ahead = place.waiting.first.length + (lane === 'retry' ? line.length : 0);
      if (expectedMs(place, ahead) > maxWaitMs) return turn.giveUp();
      if (line.push({ turn, since: now() }) === 1) rounds[lane].push(place);
    },
    clear: (destination) => {
      for (const place of destination === undefined ? places.values() : [places.get(destination)]) {
        if (place) clear(place);
      }
    },
    roomFor: (destination) => {
      const place = placeOf(destination);
      const { flow, waiting } = place;
      const isQuick = place.isProven && !place.isSlow;
      const soon = isQuick ? Math.min(2 * capacity, countWithin(flow, SOON_MS)) : 0;
      const wanted = Math.max(limitOf(place), soon);
      return Math.max(0, Math.floor(wanted) - flow.inFlight - waiting.first.length - waiting.retry.length);
    },
    running: runningNow,
    look,
  };
}

function forgetIdle(places: Map<string, Place>): void {
  for (const [destination, { flow, waiting }] of places) {
    if (flow.inFlight + waiting.first.length + waiting.retry.length === 0) places.delete(destination);
  }
}
