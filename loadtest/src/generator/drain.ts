/**
 * Waits for the deliveries: until everything accepted has arrived and a moment has passed in which a duplicate could show, or
 * until nothing new has arrived for the drain timeout.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arrival, SentRequest } from '../ledger.js';
import { balance } from '../ledger.js';
import type { PreciseClock } from '../preciseClock.js';
import type { RunStatus, SinkClient } from './sinkClient.js';

const POLL_MS = 50;
const SETTLE_MS = 250;

export interface DrainDeps {
  readonly sink: Pick<SinkClient, 'status' | 'arrivals'>;
  readonly now: PreciseClock;
  readonly onProgress?: (distinct: number) => void;
}

export interface DrainJob {
  readonly run: string;
  readonly requests: readonly SentRequest[];
  readonly timeoutMs: number;
}

export async function drain(job: DrainJob, deps: DrainDeps): Promise<{ arrivals: Arrival[]; status: RunStatus }> {
  const { run, requests, timeoutMs } = job;
  const { sink, now, onProgress } = deps;
  const { accepted } = balance(requests, []);
  let seen = -1; // arrivals
  let checked = -1; // arrivals when the ledger was last looked at
  let quietSince = now();
  for (;;) {
    const status = await sink.status(run);
    onProgress?.(status.distinct);
    if (status.arrivals !== seen) quietSince = now();
    seen = status.arrivals;
    const quietMs = now() - quietSince;
    const isOver = quietMs >= timeoutMs;
    if (isOver || (quietMs >= SETTLE_MS && status.distinct >= accepted && checked !== seen)) {
      const arrivals = await sink.arrivals(run);
      if (isOver || balance(requests, arrivals).lost === 0) return { arrivals, status };
      checked = seen;
    }
    await sleep(POLL_MS);
  }
}
