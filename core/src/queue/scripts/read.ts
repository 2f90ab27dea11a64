/** Reading new entries as a consumer of the group, and making the group. */
import { GROUP } from '../keys.js';
import type { RedisSender } from '../script.js';

/** A stream entry as Redis answers it: name, value, name, value … */
export interface RawEntry {
  readonly stream: string;
  readonly streamId: string;
  readonly fields: readonly string[];
}

export interface ReadRequest {
  readonly stream: string;
  readonly consumer: string;
  /** At most so many entries. */
  readonly count: number;
  /** How long Redis holds the call when there is nothing new. */
  readonly blockMs: number;
}

type StreamReply = [stream: string, entries: [string, string[]][]][];

/** Entries never handed out before, oldest first. @throws a Redis error starting with NOGROUP after the data set was lost */
export async function readNew(redis: RedisSender, { stream, consumer, count, blockMs }: ReadRequest) {
  const where = ['COUNT', String(count), 'BLOCK', String(blockMs), 'STREAMS', stream, '>'];
  const reply = (await redis.send(stream, ['XREADGROUP', 'GROUP', GROUP, consumer, ...where])) as StreamReply | null;
  const entries = reply?.[0]?.[1] ?? [];
  return entries.map(([streamId, fields]): RawEntry => ({ stream, streamId, fields }));
}

/** Makes the stream and its group unless they exist. From 0: whatever was queued before the group is not hidden from it. */
export async function ensureGroup(redis: RedisSender, stream: string): Promise<void> {
  try {
    await redis.send(stream, ['XGROUP', 'CREATE', stream, GROUP, '0', 'MKSTREAM']);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
  }
}
