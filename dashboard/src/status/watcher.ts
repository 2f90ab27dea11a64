/**
 * Waiting until a postback has come to its end: it is looked at again and again, at growing intervals, and only so many may wait at
 * once. Where it waits is found by its id mostly, so a look costs Redis a few reads.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@postback/core/clock';
import { Problem } from '@postback/core/problem';
import { FINAL_STATES, type Status } from './readStatus.js';

export interface Watcher {
  /** What is known when it is final, when the time is over, or when nobody waits any longer. @throws Problem when too many wait */
  watch(read: () => Promise<Status | undefined>, watch: Watch): Promise<Status | undefined>;
}

interface Watch {
  readonly waitMs: number;
  /** The client has gone, or the service is stopping. */
  readonly isOver: () => boolean;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const GROWTH = 1.5;
const DEFAULT_LIMIT = 100;

export function createWatcher({ clock, limit = DEFAULT_LIMIT }: { clock: Clock; limit?: number }): Watcher {
  let watching = 0;
  async function watch(read: () => Promise<Status | undefined>, { waitMs, isOver }: Watch) {
    const endsAt = clock.monotonic() + waitMs;
    let status = await read();
    for (let pauseMs = FIRST_PAUSE_MS; status && !FINAL_STATES.includes(status.state); pauseMs *= GROWTH) {
      const leftMs = endsAt - clock.monotonic();
      if (leftMs <= 0 || isOver()) return status;
      await sleep(Math.min(pauseMs, LONGEST_PAUSE_MS, leftMs));
      status = await read();
    }
    return status;
  }
  return {
    watch: async (read, request) => {
      if (request.waitMs === 0) return read();
      if (watching >= limit) {
        const headers = { 'Retry-After': '1' };
        throw new Problem('too-many-requests', { detail: `${limit} requests wait for a postback already`, headers });
      }
      watching++;
      try {
        return await watch(read, request);
      } finally {
        watching--;
      }
    },
  };
}
