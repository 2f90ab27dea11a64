/** Looking at what is queued without taking it, a page at a time. */
import { GROUP, type QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import type { RawEntry } from './read.js';

/** At most `count` entries of a stream behind `after` ('' = from its start), waiting and pending ones alike. */
export async function peekStream(
  redis: RedisSender,
  stream: string,
  after: string,
  count: number,
): Promise<RawEntry[]> {
  const start = after === '' ? '-' : `(${after}`;
  const reply = (await redis.send(stream, ['XRANGE', stream, start, '+', 'COUNT', String(count)])) as [
    string,
    string[],
  ][];
  return reply.map(([streamId, fields]) => ({ stream, streamId, fields }));
}

export async function peekEntry(redis: RedisSender, stream: string, streamId: string): Promise<RawEntry | undefined> {
  const [found] = (await redis.send(stream, ['XRANGE', stream, streamId, streamId])) as [string, string[]][];
  return found && { stream, streamId, fields: found[1] };
}

/** Whether a worker has read the entry and not settled it. A stream without its group has nothing pending. */
export async function isPending(redis: RedisSender, { stream, streamId }: RawEntry): Promise<boolean> {
  try {
    const reply = (await redis.send(stream, ['XPENDING', stream, GROUP, streamId, streamId, '1'])) as unknown[];
    return reply.length > 0;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOGROUP')) return false;
    throw error;
  }
}

export async function peekDelayed(redis: RedisSender, keys: QueueKeys, id: string): Promise<string | undefined> {
  return ((await redis.send(keys.delayedEntries, ['HGET', keys.delayedEntries, id])) as string | null) ?? undefined;
}

/** About `count` records of `delayed`; whatever stays there throughout is seen once or more. Begin and end with '0'. */
export async function scanDelayed(
  redis: RedisSender,
  keys: QueueKeys,
  cursor: string,
  count: number,
): Promise<{ cursor: string; records: readonly string[] }> {
  const args = ['HSCAN', keys.delayedEntries, cursor, 'COUNT', String(count)];
  const [next, flat] = (await redis.send(keys.delayedEntries, args)) as [string, string[]];
  return { cursor: next, records: flat.filter((_, index) => index % 2 === 1) };
}
