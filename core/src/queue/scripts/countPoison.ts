/**
 * A build that crashes on every entry must not dead-letter the whole queue: deaths by poison are counted across process
 * starts, and at the limit delivery is paused until it is resumed by hand or another version is deployed.
 */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

export interface PoisonLimit {
  /** Deaths of the same version count together. */
  readonly version: string;
  readonly limit: number;
  readonly windowMs: number;
}

// KEYS 1 recent poison, 2 pause
// ARGV 1 version, 2 limit, 3 window in ms, 4 channel
// Returns 1 when one more may die, 0 when not. With the last one allowed the pause begins in the same step, so that no crash in
// between can lose it. It is asked before the death: if the worker ends in between, one death too many is counted, never too few. The LTRIM before the LPUSH makes it work when memory is full.
const script = defineScript(
  'countPoison',
  `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local count, limit = 0, tonumber(ARGV[2])
for _, line in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local version, at = string.match(line, '^(%S+) (%d+)$')
  if version == ARGV[1] and tonumber(at) > now - ARGV[3] then count = count + 1 end
end
if count < limit then
  redis.call('LTRIM', KEYS[1], 0, 2 * limit)
  redis.call('LPUSH', KEYS[1], string.format('%s %.0f', ARGV[1], now))
end
if count + 1 >= limit and redis.call('EXISTS', KEYS[2]) == 0 then
  local reason = limit .. ' postbacks have ended their workers: version ' .. ARGV[1] .. ' crashes on what it is given'
  redis.call('HDEL', KEYS[2], 'since')
  redis.call('HSET', KEYS[2], 'since', now, 'by', 'poison', 'reason', reason, 'version', ARGV[1])
  redis.call('PUBLISH', ARGV[4], '1')
end
return count < limit and 1 or 0
`,
);

export async function countPoison(
  redis: RedisSender,
  keys: QueueKeys,
  { version, limit, windowMs }: PoisonLimit,
): Promise<boolean> {
  const args = [version, String(limit), String(windowMs), keys.pauseChanged];
  return (await runScript(redis, script, [keys.poison, keys.pause], args)) === 1;
}
