/** Since when something waits, wherever it waits: heads of lines alone are looked at, so it costs the same whatever is queued. */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

/** ms since the epoch, by Redis's clock; `undefined` = nothing waits there. */
export interface Oldest {
  readonly now: number;
  /** When the first of those that wait for their first attempt, or are in it, came into the stream. */
  readonly firstAt: number | undefined;
  /** When the first of those whose retry is due, or under way, became due. */
  readonly retryAt: number | undefined;
  /** When the oldest parked one was accepted. */
  readonly parkedAt: number | undefined;
}

// KEYS 1 stream, 2 retries, 3 parked
// Returns {now, id of the first entry of each stream, lowest score of parked}; '' = none. Reads only.
const script = defineScript(
  'oldest',
  `
local now = redis.call('TIME')
local found = {string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000))}
for k = 1, 2 do
  local first = redis.call('XRANGE', KEYS[k], '-', '+', 'COUNT', 1)
  table.insert(found, first[1] and first[1][1] or '')
end
table.insert(found, redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2] or '')
return found
`,
);

export async function readOldest(redis: RedisSender, keys: QueueKeys): Promise<Oldest> {
  const reply = (await runScript(redis, script, [keys.stream, keys.retries, keys.parked], [])) as string[];
  const [now, firstAt, retryAt, parkedAt] = reply.map((text) => (text === '' ? undefined : parseInt(text, 10)));
  return { now: now ?? NaN, firstAt, retryAt, parkedAt };
}
