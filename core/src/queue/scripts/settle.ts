/** Delivered: the entries leave the stream, many at once. */
import { GROUP, type QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

// KEYS 1 stream, 2 totals, 3… endpoints
// ARGV 1 group, then for each endpoint: how many ids, the ids
// Returns how many entries were settled: those that were pending or still in the stream. Settling twice (a lost reply) or after
// another worker has settled changes nothing. After a power loss an entry may be there without being pending any more: it was
// delivered all the same, and counts.
const script = defineScript(
  'settle',
  `
local settled, at = 0, 2
for k = 3, #KEYS do
  local n = tonumber(ARGV[at])
  local ids = {unpack(ARGV, at + 1, at + n)}
  at = at + n + 1
  local acked = redis.call('XACK', KEYS[1], ARGV[1], unpack(ids))
  local gone = math.max(acked, redis.call('XDEL', KEYS[1], unpack(ids)))
  if gone > 0 and redis.call('HINCRBY', KEYS[k], 'refs', -gone) <= 0 then redis.call('DEL', KEYS[k]) end
  settled = settled + gone
end
if settled > 0 then redis.call('HINCRBY', KEYS[2], 'delivered', settled) end
return settled
`,
);

/** Endpoint hash → stream ids of entries of `stream` whose postbacks were delivered. */
export type Deliveries = ReadonlyMap<string, readonly string[]>;

export async function settle(
  redis: RedisSender,
  keys: QueueKeys,
  stream: string,
  deliveries: Deliveries,
): Promise<number> {
  const endpoints = [...deliveries.keys()].map((hash) => keys.endpoint(hash));
  const args = [...deliveries.values()].flatMap((ids) => [String(ids.length), ...ids]);
  return (await runScript(redis, script, [stream, keys.totals, ...endpoints], [GROUP, ...args])) as number;
}
