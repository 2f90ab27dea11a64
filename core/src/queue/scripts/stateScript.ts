/** What the scripts that change a destination's state have in common (destinationState.ts says what it holds). */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript, type Script } from '../script.js';

/** Past pauses matter as long as a postback may live: TTL_MAX is 365 days at most. */
const PAUSES_KEPT_MS = 365 * 24 * 3_600_000;
const PAUSES_KEPT = 100;

/** A breaker that nobody has probed for so long is of a destination that nobody calls any more: it is closed again. */
export const BREAKER_KEPT_MS = 24 * 3_600_000;

/**
 * Lua: `now` in ms; load() and save(state) of the destination ARGV[1]. What holds no longer is left out, and with the last of it the
 * field goes. The HDEL lets the HSET work when memory is full.
 */
const STATE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function load()
  local text = redis.call('HGET', KEYS[1], ARGV[1])
  return text and cjson.decode(text) or {}
end
local function save(state)
  if state.holdUntil and state.holdUntil <= now then state.holdUntil = nil end
  if state.breaker and state.breaker['until'] <= now - ${BREAKER_KEPT_MS} then state.breaker = nil end
  local pauses = {}
  for _, pause in ipairs(state.pauses or {}) do
    if #pauses < ${PAUSES_KEPT} and pause[2] > now - ${PAUSES_KEPT_MS} then table.insert(pauses, pause) end
  end
  state.pauses = #pauses > 0 and pauses or nil
  redis.call('HDEL', KEYS[1], ARGV[1])
  if next(state) then redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(state)) end
end
local function announce() redis.call('PUBLISH', ARGV[2], ARGV[1]) end
`;

/** `lua` finds the destination in ARGV[1] and its own arguments from ARGV[3] on; KEYS[1] is for load() and save(). */
export function defineStateScript(name: string, lua: string): Script {
  return defineScript(name, `${STATE}${lua}`);
}

export function runStateScript(
  redis: RedisSender,
  keys: QueueKeys,
  script: Script,
  [destination, ...args]: readonly [destination: string, ...args: (string | number)[]],
): Promise<unknown> {
  const own = args.map(String);
  return runScript(redis, script, [keys.destinations], [destination, keys.destinationsChanged, ...own]);
}
