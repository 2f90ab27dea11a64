/** Statistics of a partition, by name: written by ingest and delivery (stats/flusher.ts), read by the dashboard. The books know nothing of them. */
import type { StatsIncrement } from '../stats/recorder.js';
import type { Tally } from '../stats/tally.js';
import { queueKeys, type QueueKeys } from './keys.js';
import type { RedisSender } from './script.js';
import {
  readDestinationMinutes,
  readMinutes,
  readRecent,
  readWorkers,
  type RecentSecond,
  type SeenWorker,
} from './scripts/readStats.js';
import { leaveWorkers, recordStats, type WorkerBeat } from './scripts/recordStats.js';

export type { WorkerBeat } from './scripts/recordStats.js';

export interface Stats {
  /** One command, with many destinations a few; works at maxmemory too. @throws errors of Redis */
  record(increment: StatsIncrement | undefined, beat?: WorkerBeat): Promise<void>;
  /** The worker has ended in peace. */
  leave(name: string): Promise<void>;
  /** Of each minute from `first` to `last`, since the epoch; `undefined` where nothing happened. */
  minutes(first: number, last: number): Promise<(Tally | undefined)[]>;
  /** Summed over these minutes, by destination. */
  destinations(first: number, last: number): Promise<Map<string, Tally>>;
  /** The last two minutes at most, by second since the epoch. */
  recent(): Promise<RecentSecond[]>;
  workers(): Promise<SeenWorker[]>;
}

export function createStats(redis: RedisSender, keys: QueueKeys = queueKeys(0)): Stats {
  return {
    record: (increment, beat) => recordStats(redis, keys, increment, beat),
    leave: (name) => leaveWorkers(redis, keys, name),
    minutes: (first, last) => readMinutes(redis, keys, first, last),
    destinations: (first, last) => readDestinationMinutes(redis, keys, first, last),
    recent: () => readRecent(redis, keys),
    workers: () => readWorkers(redis, keys),
  };
}
