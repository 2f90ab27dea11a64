/** Which dead letters are kept no longer: the oldest beyond an age or a number. */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import type { DeadPlace } from './readDead.js';

export interface DeadLimits {
  readonly maxAgeMs: number;
  readonly maxCount: number;
}

// KEYS 1 dead
// ARGV 1 age limit in ms, 2 number limit, 3 at most so many
// Returns {id, died at, id, died at, …}, oldest first. Reads only. Ages are by Redis's clock, as the times of death are.
const script = defineScript(
  'overdueDead',
  `
local now = redis.call('TIME')
local limit = now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[1]
local aged = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. string.format('%.0f', limit))
local count = math.max(aged, redis.call('ZCARD', KEYS[1]) - ARGV[2])
count = math.min(count, tonumber(ARGV[3]))
if count <= 0 then return {} end
return redis.call('ZRANGE', KEYS[1], 0, count - 1, 'WITHSCORES')
`,
);

export async function overdueDead(
  redis: RedisSender,
  keys: QueueKeys,
  { maxAgeMs, maxCount }: DeadLimits,
  limit: number,
): Promise<DeadPlace[]> {
  const args = [String(maxAgeMs), String(maxCount), String(limit)];
  const reply = (await runScript(redis, script, [keys.dead], args)) as string[];
  return Array.from({ length: reply.length / 2 }, (_, index) => ({
    id: reply[2 * index] as string,
    diedAt: Number(reply[2 * index + 1]),
  }));
}
