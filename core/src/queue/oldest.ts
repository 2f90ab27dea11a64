/** How long the queue has kept whoever waits longest, by the ids that Redis gave. Three looks, each at one entry. */
import type { QueueKeys } from './keys.js';
import type { RedisSender } from './script.js';

export interface Oldest {
  /** When the first of the work streams, waiting or pending, was put there; `undefined` when they are empty. */
  readonly dueAt: number | undefined;
  /** When the parked postback that waits longest was accepted; `undefined` when nothing is parked. */
  readonly parkedAt: number | undefined;
}

export async function readOldest(redis: RedisSender, { stream, retries, parked }: QueueKeys): Promise<Oldest> {
  const first = async (key: string) => {
    const [entry] = (await redis.send(key, ['XRANGE', key, '-', '+', 'COUNT', '1'])) as [string, string[]][];
    return entry && Number(entry[0].split('-', 1)[0]);
  };
  const [inStream, inRetries, line] = await Promise.all([
    first(stream),
    first(retries),
    redis.send(parked, ['ZRANGE', parked, '0', '0', 'WITHSCORES']) as Promise<string[]>,
  ]);
  const due = [inStream, inRetries].filter((at) => at !== undefined);
  return {
    dueAt: due.length === 0 ? undefined : Math.min(...due),
    parkedAt: line[1] === undefined ? undefined : Number(line[1]),
  };
}
