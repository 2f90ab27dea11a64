/**
 * One destination's flow of attempts: how many it may have under way (its window), and how long a postback would wait for it.
 *
 * The window begins small. It grows by one with every answer that comes while it is used up, so it doubles within each round trip
 * until all slots are open; it halves on a failure that took long, and gives back what is not needed. So whoever begins to hang
 * holds about as many slots as it needed before, not the whole house. A destination that has begun to hang is noticed by its
 * silence, long before its first timeout. Kept in memory by turns.ts; a new process learns it anew within a few answers.
 */
export interface Flow {
  inFlight: number;
  window: number;
  /** Moving average of how long attempts take; undefined before the first has ended. */
  latencyMs: number | undefined;
  /** When an attempt last ended, or when the first of those under way began. */
  progressAt: number;
  shrunkAt: number;
}

export interface Ending {
  readonly tookMs: number;
  /** The destination did not do its part: no answer, or one that means "not now". */
  readonly isFailure: boolean;
}

/** Whoever is stalled or fails may still have so many under way: enough to notice that it is back. */
export const FEW = 4;
/** Attempts that take longer keep a slot from a hundred others. */
export const SLOW_MS = 1_000;
const FIRST_WINDOW = 4;
/** Weight of the newest attempt in the average. */
const NEWEST = 0.25;
/** Silence that means nothing: scheduling, a collected heap, a lost packet. */
const PATIENCE_MS = { least: 300, most: SLOW_MS, unknown: 300 };
/** More doublings than this lead beyond any number of slots. */
const MOST_ROUNDS = 10;
/** By how much a window that is not needed shrinks with each answer. */
const GIVE_BACK = 0.125;

export function newFlow(now: number): Flow {
  return { inFlight: 0, window: FIRST_WINDOW, latencyMs: undefined, progressAt: now, shrunkAt: now };
}

export function noteStart(flow: Flow, now: number): void {
  if (flow.inFlight++ === 0) flow.progressAt = now;
}

/** `ending` is undefined when nothing was learnt: the attempt was ours to break off, or never began. */
export function noteEnd(flow: Flow, ending: Ending | undefined, { now, capacity }: { now: number; capacity: number }) {
  const wasFull = flow.inFlight >= flow.window;
  flow.inFlight--;
  flow.progressAt = now;
  if (!ending) return;
  const { tookMs, isFailure } = ending;
  flow.latencyMs = flow.latencyMs === undefined ? tookMs : flow.latencyMs + NEWEST * (tookMs - flow.latencyMs);
  if (isFailure) return shrink(flow, tookMs, now);
  if (wasFull) flow.window = Math.min(capacity, flow.window + 1);
  else if (flow.inFlight < flow.window / 4) flow.window = Math.max(FIRST_WINDOW, flow.window - GIVE_BACK);
}

/** Attempts that began together fail together: they halve the window once. */
function shrink(flow: Flow, tookMs: number, now: number): void {
  const byHalf = tookMs >= SLOW_MS;
  if (byHalf && now - tookMs < flow.shrunkAt) return;
  if (byHalf) flow.shrunkAt = now;
  flow.window = Math.max(FEW, byHalf ? flow.window / 2 : flow.window - 1);
}

/** Attempts are under way, and none has ended for much longer than they usually take. */
export function isStalled(flow: Flow, now: number): boolean {
  return flow.inFlight > 0 && now - flow.progressAt > patienceMs(flow);
}

/** It has answered, and not slowly. */
export function isProven({ latencyMs }: Flow): boolean {
  return latencyMs !== undefined && latencyMs < SLOW_MS;
}

/**
 * How long a postback would wait that has `ahead` others of its destination before it, if `limit` may be under way.
 * A window that still grows is expected to double with each round trip.
 */
export function expectedWaitMs(flow: Flow, ahead: number, { now, limit }: { now: number; limit: number }): number {
  const silenceMs = flow.inFlight > 0 ? now - flow.progressAt : 0;
  const latencyMs = flow.latencyMs ?? 0;
  const turn = ahead + 1;
  if (isStalled(flow, now)) {
    return isProven(flow) ? 2 * silenceMs + (turn / FEW) * latencyMs : (turn / FEW) * Math.max(silenceMs, latencyMs);
  }
  const rounds = isProven(flow) && flow.window < limit ? Math.log2(turn / flow.window + 1) : turn / Math.max(1, limit);
  return rounds * latencyMs;
}

/** How many would all have begun within so long, by the same expectation; its inverse. */
export function countWithin(flow: Flow, ms: number): number {
  const rounds = ms / Math.max(1, flow.latencyMs ?? ms);
  return flow.window * (2 ** Math.min(rounds, MOST_ROUNDS) - 1);
}

function patienceMs({ latencyMs }: Flow): number {
  if (latencyMs === undefined) return PATIENCE_MS.unknown;
  return Math.min(Math.max(4 * latencyMs, PATIENCE_MS.least), PATIENCE_MS.most);
}
