/** Reading dead letters, a page at a time: no call looks at more rows than it was asked for. */
import type { BuriedLetter, DeadLetter } from '../deadLetter.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';

/** Where a dead letter stands in the order of dying. */
export interface DeadPlace {
  readonly id: string;
  readonly diedAt: number;
}

export interface DeadPageRequest {
  readonly order: 'newest' | 'oldest';
  /** At most so many. */
  readonly count: number;
  /** Only what comes behind it. It need not exist any more. */
  readonly after?: DeadPlace | undefined;
  /** Times of death, inclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/**
 * The places of the next letters. Letters that died in the same millisecond follow each other by id, so a page can end among
 * them: the next one starts at that millisecond again and drops what was there already.
 */
export async function pageDead(redis: RedisSender, keys: QueueKeys, request: DeadPageRequest): Promise<DeadPlace[]> {
  for (let offset = 0; ; offset += request.count) {
    const args = [keys.dead, ...rangeArguments(request), 'LIMIT', String(offset), String(request.count), 'WITHSCORES'];
    const reply = (await redis.send(keys.dead, ['ZRANGE', ...args])) as string[];
    const places = toPlaces(reply);
    const fresh = places.filter((place) => isBehind(place, request));
    if (fresh.length > 0 || places.length < request.count) return fresh;
  }
}

/** The letters at these places, in their order; those that are gone are left out. */
export async function readLetters(
  redis: RedisSender,
  keys: QueueKeys,
  places: readonly DeadPlace[],
): Promise<BuriedLetter[]> {
  if (places.length === 0) return [];
  const ids = places.map(({ id }) => id);
  const texts = (await redis.send(keys.deadEntries, ['HMGET', keys.deadEntries, ...ids])) as (string | null)[];
  return places.flatMap(({ diedAt }, index) => {
    const text = texts[index];
    return text ? [{ letter: JSON.parse(text) as DeadLetter, diedAt }] : [];
  });
}

/** When the postback died, or undefined when it is no dead letter. */
export async function readPlace(redis: RedisSender, keys: QueueKeys, id: string): Promise<DeadPlace | undefined> {
  const score = (await redis.send(keys.dead, ['ZSCORE', keys.dead, id])) as string | null;
  return score === null ? undefined : { id, diedAt: Number(score) };
}

export async function countDead(redis: RedisSender, keys: QueueKeys, from: number, to: number): Promise<number> {
  return (await redis.send(keys.dead, ['ZCOUNT', keys.dead, String(from), String(to)])) as number;
}

function rangeArguments({ order, after, from = 0, to = Number.MAX_SAFE_INTEGER }: DeadPageRequest): string[] {
  if (order === 'oldest') return [String(Math.max(from, after?.diedAt ?? 0)), String(to), 'BYSCORE'];
  return [String(Math.min(to, after?.diedAt ?? to)), String(from), 'BYSCORE', 'REV'];
}

function isBehind({ id, diedAt }: DeadPlace, { order, after }: DeadPageRequest): boolean {
  if (!after || diedAt !== after.diedAt) return true;
  return order === 'oldest' ? id > after.id : id < after.id;
}

function toPlaces(reply: readonly string[]): DeadPlace[] {
  return Array.from({ length: reply.length / 2 }, (_, index) => ({
    id: reply[2 * index] as string,
    diedAt: Number(reply[2 * index + 1]),
  }));
}
