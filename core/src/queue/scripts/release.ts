/** A destination may be called again: the first of what is parked for it goes on, to `retries`. */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import { BYTES_OF, PARKED_LEFT } from './parkedEntry.js';

// KEYS 1 the destination's parked, 2 retries, 3 parked, 4 parked bytes, 5 totals
// ARGV 1 destination, 2 at most so many
// Returns how many were moved. Several releasers may run it: each entry is moved by exactly one. XDEL comes before XADD, so it works
// when memory is full. What is written is what encodeRecord (entry.ts) would write, so that every version of the workers reads it;
// the field p says that it was parked, and that an attempt has been granted with the release.
const script = defineScript(
  'release',
  `${BYTES_OF}${PARKED_LEFT}
local function recordOf(fields)
  local f = {}
  for i = 1, #fields, 2 do f[fields[i]] = fields[i + 1] end
  return '{"v":' .. f.v .. (f.n and ',"n":' .. f.n or '') .. ',"i":"' .. f.i .. '","e":"' .. f.e .. '"'
    .. (f.a and ',"a":' .. f.a or '') .. (f.s and ',"s":' .. f.s or '') .. '}\\n' .. f.d
end
local released, bytes, limit = 0, 0, tonumber(ARGV[2])
while released < limit do
  local page = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', math.min(50, limit - released))
  if #page == 0 then break end
  for _, entry in ipairs(page) do
    redis.call('XDEL', KEYS[1], entry[1])
    redis.call('XADD', KEYS[2], '*', 'r', recordOf(entry[2]), 'p', '1')
    bytes = bytes + bytesOf(entry[2])
  end
  released = released + #page
end
if limit > 0 then left(KEYS[1], KEYS[3], KEYS[4], KEYS[5], ARGV[1], released, bytes) end
return released
`,
);

export async function release(
  redis: RedisSender,
  keys: QueueKeys,
  destination: string,
  limit: number,
): Promise<number> {
  const names = [keys.parkedOf(destination), keys.retries, keys.parked, keys.parkedBytes, keys.totals];
  return (await runScript(redis, script, names, [destination, String(limit)])) as number;
}
