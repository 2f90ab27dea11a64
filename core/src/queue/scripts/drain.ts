/** A drain: ingest takes no request, so that the queue runs empty. It ends when an operator says so. */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

export interface Drain {
  readonly by: string;
  /** For a person to read. */
  readonly reason: string;
  /** When it began, ms, by Redis's clock. */
  readonly since: number;
}

// KEYS 1 drain
// ARGV 1 by, 2 reason
// Returns 1, or 0 when it was drained already. The HDEL lets the HSET work when memory is full.
const script = defineScript(
  'drain',
  `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local now = redis.call('TIME')
redis.call('HDEL', KEYS[1], 'since')
redis.call('HSET', KEYS[1], 'since', now[1] * 1000 + math.floor(now[2] / 1000), 'by', ARGV[1], 'reason', ARGV[2])
return 1
`,
);

/** False when it was drained already: then nothing is changed. */
export async function startDrain(
  redis: RedisSender,
  keys: QueueKeys,
  { by, reason }: Pick<Drain, 'by' | 'reason'>,
): Promise<boolean> {
  return (await runScript(redis, script, [keys.drain], [by, reason])) === 1;
}

/** False when it was not drained. */
export async function endDrain(redis: RedisSender, keys: QueueKeys): Promise<boolean> {
  return (await redis.send(keys.drain, ['DEL', keys.drain])) === 1;
}

export async function readDrain(redis: RedisSender, keys: QueueKeys): Promise<Drain | undefined> {
  const [since, by, reason] = (await redis.send(keys.drain, ['HMGET', keys.drain, 'since', 'by', 'reason'])) as (
    string | null
  )[];
  return since ? { since: Number(since), by: by ?? '', reason: reason ?? '' } : undefined;
}
