/**
 * When a destination counts as down. Pure.
 *
 * Not a share of the last n results: with few samples a destination that fails now and then would be cut off by chance, with many a
 * real outage would be noticed late. Instead a score: a failure adds one, a success takes away what keeps the score at rest when
 * just the allowed share fails, and it never falls below nothing. It reaches the limit after so many failures in a row, and surely
 * if more than the share fails for long; a destination that fails 20 % of the time reaches 15 about once in a billion results.
 */
import type { Answer } from '../http/answerHandler.js';
import { TransportError } from '../http/transportError.js';
import type { Decision } from '../decide.js';

export interface BreakerRules {
  /** 0 … 1: failing more than that for long is being down. */
  readonly failureShare: number;
  /** So many failures in a row are enough. */
  readonly minSamples: number;
  readonly openMs: number;
  readonly openMaxMs: number;
}

export interface Score {
  readonly value: number;
  readonly at: number;
}

/** Failures that long ago count half: whoever is called rarely is not condemned for last week. */
const HALF_LIFE_MS = 600_000;

export function nextScore(before: Score | undefined, result: { isFailure: boolean; now: number }, rules: BreakerRules) {
  const { isFailure, now } = result;
  const { failureShare } = rules;
  const value = before ? before.value * 0.5 ** ((now - before.at) / HALF_LIFE_MS) : 0;
  const success = failureShare < 1 ? failureShare / (1 - failureShare) : Infinity;
  return { value: Math.max(0, isFailure ? value + 1 : value - success), at: now };
}

export function isDown(score: Score, { minSamples }: BreakerRules): boolean {
  return score.value > minSamples - 0.5;
}

/** How long the breaker stays open after it has opened `trips` times without being closed in between. */
export function openForMs(trips: number, { openMs, openMaxMs }: BreakerRules): number {
  return Math.min(openMs * 2 ** Math.min(trips, 30), Math.max(openMs, openMaxMs));
}

const ASKING_FOR_LATER = new Set([408, 425, 429]);

/** No answer, or one that says "not now". A refusal of this one postback is an answer; undefined: it says nothing. */
export function isFailure(result: Answer | TransportError, decision: Decision): boolean | undefined {
  if (decision.kind === 'handed-back') return undefined;
  if (decision.kind === 'delivered') return false;
  if (result instanceof TransportError) return result.errorClass === 'forbidden-target' ? undefined : true;
  return result.status >= 500 || ASKING_FOR_LATER.has(result.status);
}
