/**
 * What operators do with dead letters and with what waits: read, redrive, discard, restore, cancel. Like the services' own moves
 * (queue.ts), each move is one guarded script, so the books balance whoever else is at work.
 */
import type { BuriedLetter, DeadLetter } from './deadLetter.js';
import { queueKeys, type QueueKeys } from './keys.js';
import type { RedisSender } from './script.js';
import { cancel, type CancelSpot } from './scripts/cancel.js';
import { discard } from './scripts/discard.js';
import { overdueDead, type DeadLimits } from './scripts/overdueDead.js';
import {
  countDead,
  pageDead,
  readLetters,
  readPlace,
  type DeadPageRequest,
  type DeadPlace,
} from './scripts/readDead.js';
import { redrive, type Redrive } from './scripts/redrive.js';
import { createJob, forgetJobs, readJobs, saveJob, type StoredJob } from './scripts/redriveJobs.js';
import { restoreDead } from './scripts/restoreDead.js';
import { isPending, peekDelayed, peekEntry, peekStream, scanDelayed } from './scripts/peek.js';
import type { RawEntry } from './scripts/read.js';
import { readTime } from './scripts/time.js';

export interface DeadLetters {
  readonly keys: QueueKeys;
  /** The places of the next dead letters in the order of dying. */
  page(request: DeadPageRequest): Promise<DeadPlace[]>;
  /** The letters at these places; those that are gone are left out. */
  read(places: readonly DeadPlace[]): Promise<BuriedLetter[]>;
  /** How many died within these times, inclusive. */
  count(from: number, to: number): Promise<number>;
  /** Redis's clock, ms since the epoch: that of the times of death. */
  now(): Promise<number>;
  find(id: string): Promise<BuriedLetter | undefined>;
  /** False when the letter is no longer there: then nothing was moved. */
  redrive(buried: BuriedLetter, redrive: Redrive): Promise<boolean>;
  /** Returns how many were still there. */
  discard(letters: readonly BuriedLetter[], as: 'purged' | 'trimmed'): Promise<number>;
  /** The oldest beyond the limits. */
  overdue(limits: DeadLimits, count: number): Promise<DeadPlace[]>;
  /** False when a letter with its id is there already. */
  restore(letter: DeadLetter): Promise<boolean>;
}

export interface Waiting {
  readonly keys: QueueKeys;
  peekStream(stream: string, after: string, count: number): Promise<RawEntry[]>;
  peekEntry(stream: string, streamId: string): Promise<RawEntry | undefined>;
  peekDelayed(id: string): Promise<string | undefined>;
  scanDelayed(cursor: string, count: number): Promise<{ cursor: string; records: readonly string[] }>;
  isPending(entry: RawEntry): Promise<boolean>;
  /** False when it is attempted right now or has moved on: then nothing was moved. */
  cancel(spot: CancelSpot, letter: DeadLetter): Promise<boolean>;
}

export interface RedriveJobs {
  create(job: StoredJob): Promise<void>;
  /** False when the job was not running any more: then nothing was saved. */
  save(job: Omit<StoredJob, 'spec'>): Promise<boolean>;
  list(): Promise<StoredJob[]>;
  forget(ids: readonly string[]): Promise<void>;
}

export function createDeadLetters(redis: RedisSender, keys: QueueKeys = queueKeys(0)): DeadLetters {
  return {
    keys,
    page: (request) => pageDead(redis, keys, request),
    read: (places) => readLetters(redis, keys, places),
    find: async (id) => {
      const place = await readPlace(redis, keys, id);
      return place && (await readLetters(redis, keys, [place]))[0];
    },
    count: (from, to) => countDead(redis, keys, from, to),
    now: () => readTime(redis, keys),
    redrive: (buried, how) => redrive(redis, keys, buried, how),
    discard: (letters, as) => discard(redis, keys, letters, as),
    overdue: (limits, count) => overdueDead(redis, keys, limits, count),
    restore: (letter) => restoreDead(redis, keys, letter),
  };
}

export function createWaiting(redis: RedisSender, keys: QueueKeys = queueKeys(0)): Waiting {
  return {
    keys,
    peekStream: (stream, after, count) => peekStream(redis, stream, after, count),
    peekEntry: (stream, streamId) => peekEntry(redis, stream, streamId),
    peekDelayed: (id) => peekDelayed(redis, keys, id),
    scanDelayed: (cursor, count) => scanDelayed(redis, keys, cursor, count),
    isPending: (entry) => isPending(redis, entry),
    cancel: (spot, letter) => cancel(redis, keys, spot, letter),
  };
}

export function createRedriveJobs(redis: RedisSender, keys: QueueKeys = queueKeys(0)): RedriveJobs {
  return {
    create: (job) => createJob(redis, keys, job),
    save: (job) => saveJob(redis, keys, job),
    list: () => readJobs(redis, keys),
    forget: (ids) => forgetJobs(redis, keys, ids),
  };
}
