/** The generator's side of the sink's control addresses (sink/control.ts). */
import { Pool } from 'undici';
import type { Arrival } from '../ledger.js';
import type { PreciseClock } from '../preciseClock.js';
import { readArrivals } from '../sink/arrivals.js';
import type { Behaviour } from '../sink/behaviour.js';
import type { SinkBehaviourOptions } from './options.js';

export interface RunStatus {
  readonly arrivals: number;
  readonly distinct: number;
  /** Postbacks for which the sink had no room. */
  readonly overflow: number;
  readonly lastArrivalAt: number | null;
  readonly failed: number;
  readonly dropped: number;
  /** The sink's clock. */
  readonly now: number;
  /** CPU time of the sink's process so far. */
  readonly cpuMs: number;
}

/** One of the sink's further ports. */
export interface DestinationStatus {
  readonly port: number;
  /** Requests of any outcome that it got in this run. */
  readonly attempts: number;
}

/** `count` destinations that behave alike; what is missing of the behaviour behaves well. */
export interface DestinationGroup {
  readonly count: number;
  readonly listening: boolean;
  readonly behaviour: Partial<Behaviour>;
  /** Names below `<this>.sink.test` get no answer. */
  readonly silentName?: string | undefined;
}

export interface SinkClient {
  open(run: string, behaviour: SinkBehaviourOptions): Promise<RunStatus>;
  status(run: string): Promise<RunStatus>;
  /** Opens and instructs the sink's further destinations; they come back in the order of the groups. */
  arrange(run: string, groups: readonly DestinationGroup[]): Promise<DestinationStatus[]>;
  arrivals(run: string): Promise<Arrival[]>;
  /** The sink forgets the run. */
  remove(run: string): Promise<void>;
  close(): Promise<void>;
}

export class SinkError extends Error {
  readonly code = 'SINK_FAILED';
}

export function createSinkClient(baseUrl: string): SinkClient {
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/$/, '');
  const pool = new Pool(origin, { connections: 2, connectTimeout: 5_000 });

  const call = async (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: string) => {
    const response = await pool.request({ method, path: prefix + path, body: body ?? null }).catch((cause: unknown) => {
      throw new SinkError((cause as Error).message, { cause });
    });
    if (response.statusCode < 300) return response.body;
    const text = await response.body.text();
    throw new SinkError(`${method} ${path} was answered ${response.statusCode}: ${text.slice(0, 200)}`);
  };
  return {
    open: async (run, behaviour) =>
      (await (await call('PUT', `/runs/${run}`, JSON.stringify(behaviour))).json()) as RunStatus,
    status: async (run) => (await (await call('GET', `/runs/${run}`)).json()) as RunStatus,
    arrange: async (run, groups) =>
      (await (await call('PUT', `/runs/${run}/destinations`, JSON.stringify(groups))).json()) as DestinationStatus[],
    arrivals: async (run) => readArrivals((await call('GET', `/runs/${run}/arrivals`)).setEncoding('utf8')),
    remove: async (run) => (await call('DELETE', `/runs/${run}`)).dump(),
    close: () => pool.close(),
  };
}

const CLOCK_SAMPLES = 5;

/**
 * By how many ms the sink's clock is ahead of ours, from the quickest of a few exchanges. 0 when the difference is within
 * what the exchange leaves uncertain, as it is for processes of one host.
 */
export async function measureClockOffset(sink: SinkClient, run: string, now: PreciseClock): Promise<number> {
  let best = { roundTripMs: Infinity, offsetMs: 0 };
  for (let sample = 0; sample < CLOCK_SAMPLES; sample++) {
    const sentAt = now();
    const status = await sink.status(run);
    const roundTripMs = now() - sentAt;
    if (roundTripMs < best.roundTripMs) best = { roundTripMs, offsetMs: status.now - (sentAt + roundTripMs / 2) };
  }
  return Math.abs(best.offsetMs) <= best.roundTripMs / 2 ? 0 : best.offsetMs;
}
