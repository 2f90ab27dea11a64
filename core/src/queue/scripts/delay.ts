/** A failed attempt with attempts left: the postback waits in `delayed` until it is due. */
import { encodeRecord, type Postback } from '../entry.js';
import { GROUP, type QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import { RELEASE_HELD, type Held } from './held.js';

// KEYS 1 stream, 2 delayed, 3 delayed entries
// ARGV 1 group, 2 consumer, 3 stream id, 4 postback id, 5 delay in ms, 6 record, 7 wake channel
// Returns 1 when moved, 0 when the entry was no longer ours. The due time is Redis's: workers' clocks do not matter.
const script = defineScript(
  'delay',
  `${RELEASE_HELD}
local now = redis.call('TIME')
local due = now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[5]
redis.call('ZADD', KEYS[2], due, ARGV[4])
redis.call('HSET', KEYS[3], ARGV[4], ARGV[6])
if redis.call('ZRANGE', KEYS[2], 0, 0)[1] == ARGV[4] then redis.call('PUBLISH', ARGV[7], ARGV[5]) end
return 1
`,
);

export async function delay(
  redis: RedisSender,
  keys: QueueKeys,
  held: Held,
  { postback, delayMs }: { postback: Postback; delayMs: number },
): Promise<boolean> {
  const reply = await runScript(
    redis,
    script,
    [held.stream, keys.delayed, keys.delayedEntries],
    [GROUP, held.consumer, held.streamId, postback.id, String(delayMs), encodeRecord(postback), keys.wake],
  );
  return reply === 1;
}
