/** A letter from the archive comes back: dead as before, counted as accepted anew. */
import type { DeadLetter } from '../deadLetter.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

// KEYS 1 dead, 2 dead entries, 3 totals
// ARGV 1 id, 2 letter, 3 '1' = cancelled
// Returns 1 when restored, 0 when it is there already. It gets the time of its return as its time of death: by its old one, it
// would be trimmed again at once. Adds, so it is refused as a whole (-OOM) when memory
// is full.
const script = defineScript(
  'restoreDead',
  `
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
local now = redis.call('TIME')
redis.call('ZADD', KEYS[1], now[1] * 1000 + math.floor(now[2] / 1000), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('HINCRBY', KEYS[3], 'accepted', 1)
if ARGV[3] == '1' then redis.call('HINCRBY', KEYS[3], 'cancelled', 1) end
return 1
`,
);

export async function restoreDead(redis: RedisSender, keys: QueueKeys, letter: DeadLetter): Promise<boolean> {
  const args = [letter.id, JSON.stringify(letter), letter.reason === 'cancelled' ? '1' : '0'];
  return (await runScript(redis, script, [keys.dead, keys.deadEntries, keys.totals], args)) === 1;
}
