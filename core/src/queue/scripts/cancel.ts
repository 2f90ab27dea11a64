/** A postback that nobody is attempting is taken out of the queue by an operator: it becomes a dead letter, `cancelled`. */
import type { DeadLetter } from '../deadLetter.js';
import { GROUP, type QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import { BYTES_OF, PARKED_LEFT } from './parkedEntry.js';

/** Defines bury(dead, entries, endpoint, totals, id, letter), to be called once the postback has left where it was. */
const BURY_CANCELLED = `
local function bury(dead, entries, endpoint, totals, id, letter)
  local now = redis.call('TIME')
  redis.call('ZADD', dead, now[1] * 1000 + math.floor(now[2] / 1000), id)
  redis.call('HSET', entries, id, letter)
  redis.call('HINCRBY', totals, 'cancelled', 1)
  if redis.call('HINCRBY', endpoint, 'refs', -1) <= 0 then redis.call('DEL', endpoint) end
  return 1
end
`;

// KEYS 1 stream, 2 dead, 3 dead entries, 4 endpoint, 5 totals
// ARGV 1 group, 2 stream id, 3 postback id, 4 dead letter
// Returns 1 when moved, 0 when a worker has read the entry, or it is gone. Guards first; then XDEL, which frees, so that it works
// when memory is full. A stream without its group yet has nothing pending.
const waitingScript = defineScript(
  'cancelWaiting',
  `${BURY_CANCELLED}
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)
if not pending.err and #pending > 0 then return 0 end
if redis.call('XDEL', KEYS[1], ARGV[2]) == 0 then return 0 end
return bury(KEYS[2], KEYS[3], KEYS[4], KEYS[5], ARGV[3], ARGV[4])
`,
);

// KEYS 1 delayed, 2 delayed entries, 3 dead, 4 dead entries, 5 endpoint, 6 totals
// ARGV 1 postback id, 2 record as it was read, 3 dead letter
// Returns 1 when moved, 0 when it is delayed no longer, or anew: then its history is another.
const delayedScript = defineScript(
  'cancelDelayed',
  `${BURY_CANCELLED}
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return bury(KEYS[3], KEYS[4], KEYS[5], KEYS[6], ARGV[1], ARGV[3])
`,
);

// KEYS 1 the destination's parked, 2 parked, 3 parked bytes, 4 totals, 5 dead, 6 dead entries, 7 endpoint
// ARGV 1 destination, 2 stream id, 3 postback id, 4 dead letter
// Returns 1 when moved, 0 when it is parked there no longer.
const parkedScript = defineScript(
  'cancelParked',
  `${BYTES_OF}${PARKED_LEFT}${BURY_CANCELLED}
local entry = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]
if not entry then return 0 end
redis.call('XDEL', KEYS[1], ARGV[2])
left(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], 1, bytesOf(entry[2]))
return bury(KEYS[5], KEYS[6], KEYS[7], KEYS[4], ARGV[3], ARGV[4])
`,
);

/** Where a postback waits. */
export type CancelSpot =
  | { readonly kind: 'parked'; readonly destination: string; readonly streamId: string }
  | { readonly kind: 'stream'; readonly stream: string; readonly streamId: string }
  | { readonly kind: 'delayed'; readonly record: string };

export async function cancel(
  redis: RedisSender,
  keys: QueueKeys,
  spot: CancelSpot,
  letter: DeadLetter,
): Promise<boolean> {
  const text = JSON.stringify(letter);
  const endpoint = keys.endpoint(letter.endpointHash);
  const grave = [keys.dead, keys.deadEntries, endpoint, keys.totals];
  return (await run()) === 1;

  function run(): Promise<unknown> {
    switch (spot.kind) {
      case 'stream':
        return runScript(redis, waitingScript, [spot.stream, ...grave], [GROUP, spot.streamId, letter.id, text]);
      case 'delayed': {
        const names = [keys.delayed, keys.delayedEntries, ...grave];
        return runScript(redis, delayedScript, names, [letter.id, spot.record, text]);
      }
      case 'parked': {
        const accounts = [keys.parkedOf(spot.destination), keys.parked, keys.parkedBytes, keys.totals];
        const names = [...accounts, keys.dead, keys.deadEntries, endpoint];
        return runScript(redis, parkedScript, names, [spot.destination, spot.streamId, letter.id, text]);
      }
    }
  }
}
