/**
 * One partition of the queue: everything that services do with Redis, by name. An entry is only ever *moved*, by one script
 * that is guarded by its ack, so at every moment each accepted postback is in exactly one place and the books balance.
 */
import type { DeadLetter } from './deadLetter.js';
import { createDestinations, type Destinations } from './destinations.js';
import type { Postback } from './entry.js';
import { queueKeys, type QueueKeys } from './keys.js';
import type { RedisSender } from './script.js';
import { readBooks, type Books } from './scripts/books.js';
import { bury } from './scripts/bury.js';
import { claim, type Claim, type ClaimRequest } from './scripts/claim.js';
import { delay } from './scripts/delay.js';
import { endDrain, readDrain, startDrain, type Drain } from './scripts/drain.js';
import { enqueue, offer, type EnqueueRequest, type Offered, type OfferTerms } from './scripts/enqueue.js';
import { handBack } from './scripts/handBack.js';
import type { Held } from './scripts/held.js';
import { countPoison, type PoisonLimit } from './scripts/countPoison.js';
import { pause, readPauses, resume, type PauseRequest, type Pauses } from './scripts/pause.js';
import { promote, type Promotion } from './scripts/promote.js';
import { ensureGroup, readNew, type RawEntry, type ReadRequest } from './scripts/read.js';
import { removeConsumers } from './scripts/removeConsumers.js';
import { settle, type Deliveries } from './scripts/settle.js';
import { readTime } from './scripts/time.js';

export interface Queue extends Destinations {
  readonly keys: QueueKeys;
  /** All postbacks of a request or none; returns their ids in order. */
  enqueue(request: EnqueueRequest): Promise<string[]>;
  /** The same on terms: refused when the backlog is full, and not queued again when its idempotency key was seen before. */
  offer(request: EnqueueRequest, terms: OfferTerms): Promise<Offered>;
  ensureGroups(): Promise<void>;
  /** Blocks its connection: `reader` is a connection of its own. */
  readNew(reader: RedisSender, request: ReadRequest): Promise<RawEntry[]>;
  claim(request: ClaimRequest): Promise<Claim>;
  /** The endpoint's JSON text, or undefined when no postback needs it any more. */
  readEndpoint(hash: string): Promise<string | undefined>;
  settle(stream: string, deliveries: Deliveries): Promise<number>;
  /** These three return false when the entry was no longer this consumer's: then nothing was moved. */
  delay(held: Held, retry: { postback: Postback; delayMs: number }): Promise<boolean>;
  bury(held: Held, letter: DeadLetter): Promise<boolean>;
  handBack(held: Held, postback: Postback): Promise<boolean>;
  promote(limit: number): Promise<Promotion>;
  removeConsumers(stream: string, which: { silentMs: number; only?: string }): Promise<string[]>;
  /** Stops delivery in the whole installation; false when it was paused already: then nothing is changed. */
  pause(request: PauseRequest): Promise<boolean>;
  /** False when it was not paused. */
  resume(): Promise<boolean>;
  readPauses(): Promise<Pauses>;
  /** Ingest takes no request any more; false when it was so already. */
  startDrain(about: Pick<Drain, 'by' | 'reason'>): Promise<boolean>;
  /** False when there was no drain. */
  endDrain(): Promise<boolean>;
  readDrain(): Promise<Drain | undefined>;
  /** Asks whether one more may die as poison. At the limit delivery is paused, and the entry stays where it is. */
  countPoison(limit: PoisonLimit): Promise<boolean>;
  books(): Promise<Books>;
  /** Redis's clock, ms since the epoch. */
  time(): Promise<number>;
}

export function createQueue(redis: RedisSender, keys: QueueKeys = queueKeys(0)): Queue {
  return {
    keys,
    ...createDestinations(redis, keys),
    enqueue: (request) => enqueue(redis, keys, request),
    offer: (request, terms) => offer(redis, keys, request, terms),
    ensureGroups: () =>
      Promise.all([ensureGroup(redis, keys.stream), ensureGroup(redis, keys.retries)]).then(() => undefined),
    readNew: (reader, request) => readNew(reader, request),
    claim: (request) => claim(redis, keys, request),
    readEndpoint: async (hash) => {
      const key = keys.endpoint(hash);
      return ((await redis.send(key, ['HGET', key, 'json'])) as string | null) ?? undefined;
    },
    settle: (stream, deliveries) => settle(redis, keys, stream, deliveries),
    delay: (held, retry) => delay(redis, keys, held, retry),
    bury: (held, letter) => bury(redis, keys, held, letter),
    handBack: (held, postback) => handBack(redis, keys, held, postback),
    promote: (limit) => promote(redis, keys, limit),
    removeConsumers: (stream, which) => removeConsumers(redis, stream, which),
    pause: (request) => pause(redis, keys, request),
    resume: () => resume(redis, keys),
    readPauses: () => readPauses(redis, keys),
    startDrain: (about) => startDrain(redis, keys, about),
    endDrain: () => endDrain(redis, keys),
    readDrain: () => readDrain(redis, keys),
    countPoison: (limit) => countPoison(redis, keys, limit),
    books: () => readBooks(redis, keys),
    time: () => readTime(redis, keys),
  };
}
