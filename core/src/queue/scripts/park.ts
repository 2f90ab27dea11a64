/** Postbacks whose destination may not be called now wait for its state, out of everybody's way; no attempt is counted. */
import { acceptedAt, type Postback } from '../entry.js';
import { GROUP, type QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import type { Held } from './held.js';
import { BYTES_OF, parkedFields } from './parkedEntry.js';

export interface Parking {
  readonly held: Held;
  readonly postback: Postback;
}

/** At once: some milliseconds of Redis's time. */
const BATCH = 200;

// KEYS 1 stream, 2 retries, 3 the destination's parked, 4 parked, 5 parked bytes, 6 totals
// ARGV 1 group, 2 destination, then for each: 1 or 2 (its stream), consumer, stream id, accepted at, number of fields, the fields
// Returns how many were moved: those that were still ours. Each is acknowledged and deleted as it is found to be so; these first
// writes free memory, so that the adds that follow work when it is full.
const script = defineScript(
  'park',
  `${BYTES_OF}
local kept, at = {}, 3
while at <= #ARGV do
  local stream, consumer, id, accepted, size = KEYS[tonumber(ARGV[at])], unpack(ARGV, at + 1, at + 4)
  if #redis.call('XPENDING', stream, ARGV[1], id, id, 1, consumer) > 0 then
    redis.call('XACK', stream, ARGV[1], id)
    redis.call('XDEL', stream, id)
    table.insert(kept, {tonumber(accepted), {unpack(ARGV, at + 5, at + 4 + size)}})
  end
  at = at + 5 + size
end
if #kept == 0 then return 0 end
local bytes = 0
for _, item in ipairs(kept) do
  redis.call('XADD', KEYS[3], '*', unpack(item[2]))
  bytes = bytes + bytesOf(item[2])
end
redis.call('ZADD', KEYS[4], 'NX', kept[1][1], ARGV[2])
redis.call('HINCRBY', KEYS[5], ARGV[2], bytes)
redis.call('HINCRBY', KEYS[6], 'parked', #kept)
return #kept
`,
);

export async function park(
  redis: RedisSender,
  keys: QueueKeys,
  destination: string,
  items: readonly Parking[],
): Promise<number> {
  const names = [keys.stream, keys.retries, keys.parkedOf(destination), keys.parked, keys.parkedBytes, keys.totals];
  let parked = 0;
  for (let from = 0; from < items.length; from += BATCH) {
    const args = items.slice(from, from + BATCH).flatMap((item) => argumentsOf(keys, item));
    parked += (await runScript(redis, script, names, [GROUP, destination, ...args])) as number;
  }
  return parked;
}

function argumentsOf(keys: QueueKeys, { held, postback }: Parking): string[] {
  const fields = parkedFields(postback);
  const stream = held.stream === keys.retries ? '2' : '1';
  return [stream, held.consumer, held.streamId, String(acceptedAt(postback.id)), String(fields.length), ...fields];
}
