/** No attempt will follow: the postback becomes a dead letter, a full copy with its reason. */
import type { DeadLetter } from '../deadLetter.js';
import { GROUP, type QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import { RELEASE_HELD, type Held } from './held.js';

// KEYS 1 stream, 2 dead, 3 dead entries, 4 endpoint, 5 totals
// ARGV 1 group, 2 consumer, 3 stream id, 4 postback id, 5 dead letter
// Returns 1 when moved, 0 when the entry was no longer ours. A letter of the same id, restored from the archive after it had been
// sent again, is replaced and counted as purged.
const script = defineScript(
  'bury',
  `${RELEASE_HELD}
local now = redis.call('TIME')
local isNew = redis.call('ZADD', KEYS[2], now[1] * 1000 + math.floor(now[2] / 1000), ARGV[4])
if isNew == 0 then redis.call('HINCRBY', KEYS[5], 'purged', 1) end
redis.call('HSET', KEYS[3], ARGV[4], ARGV[5])
if redis.call('HINCRBY', KEYS[4], 'refs', -1) <= 0 then redis.call('DEL', KEYS[4]) end
return 1
`,
);

export async function bury(redis: RedisSender, keys: QueueKeys, held: Held, letter: DeadLetter): Promise<boolean> {
  const reply = await runScript(
    redis,
    script,
    [held.stream, keys.dead, keys.deadEntries, keys.endpoint(letter.endpointHash), keys.totals],
    [GROUP, held.consumer, held.streamId, letter.id, JSON.stringify(letter)],
  );
  return reply === 1;
}
