/** A move that Redis has not confirmed is made again until it has: the scripts are safe to run twice. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from '@postback/core/redis';

const PAUSE_MS = 50;

/** @throws what is neither a lost connection nor a passing refusal: a bug */
export async function untilAnswered<T>(operation: () => Promise<T>, isGivenUp: () => boolean): Promise<T> {
  for (;;) {
    try {
      return await operation();
    } catch (error) {
      if (!isPassing(error) || isGivenUp()) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** The data set has lost its consumer group: flushed, or another one. */
export function isGroupLost(error: unknown): boolean {
  return error instanceof Error && /\b(NOGROUP|UNBLOCKED)\b/.test(error.message);
}
