/** A worker that stops gives back what it could not finish: to the tail of `retries`, the attempt not counted. */
import { encodeRecord, type Postback } from '../entry.js';
import { GROUP, type QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import { RELEASE_HELD, type Held } from './held.js';

// KEYS 1 stream, 2 retries
// ARGV 1 group, 2 consumer, 3 stream id, 4 record
// Returns 1 when moved, 0 when the entry was no longer ours.
const script = defineScript(
  'handBack',
  `${RELEASE_HELD}
redis.call('XADD', KEYS[2], '*', 'r', ARGV[4])
return 1
`,
);

export async function handBack(redis: RedisSender, keys: QueueKeys, held: Held, postback: Postback): Promise<boolean> {
  const args = [GROUP, held.consumer, held.streamId, encodeRecord(postback)];
  return (await runScript(redis, script, [held.stream, keys.retries], args)) === 1;
}
