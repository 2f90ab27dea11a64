/**
 * Due postbacks go from `delayed` to a work stream: retries to `retries`; scheduled first attempts to `stream`, as every other
 * first attempt, because behind a storm of retries they would come later than they were asked for.
 */
import { ATTEMPTED_RECORD } from '../entry.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

export interface Promotion {
  readonly promoted: number;
  /** Until the next one is due: 0 = more are due now, undefined = nothing is delayed. */
  readonly nextInMs: number | undefined;
}

// KEYS 1 delayed, 2 delayed entries, 3 retries, 4 stream
// ARGV 1 at most so many, 2 pattern of the record of a retry
// Returns {promoted, ms until the next is due or -1}. Several promoters may run it: each member is moved by exactly one.
// ZREM and HDEL come before XADD, so it works when memory is full.
const script = defineScript(
  'promote',
  `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ids = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1])
for _, id in ipairs(ids) do
  local record = redis.call('HGET', KEYS[2], id)
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
  if record then
    local isRetry = string.find(record, ARGV[2])
    redis.call('XADD', isRetry and KEYS[3] or KEYS[4], '*', 'r', record)
  end
end
local earliest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if #earliest == 0 then return {#ids, -1} end
return {#ids, math.max(0, earliest[2] - now)}
`,
);

export async function promote(redis: RedisSender, keys: QueueKeys, limit: number): Promise<Promotion> {
  const names = [keys.delayed, keys.delayedEntries, keys.retries, keys.stream];
  const reply = await runScript(redis, script, names, [String(limit), ATTEMPTED_RECORD]);
  const [promoted, nextInMs] = reply as [number, number];
  return { promoted, nextInMs: nextInMs < 0 ? undefined : nextInMs };
}
