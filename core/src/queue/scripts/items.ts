/** The part of enqueue that puts the postbacks where they belong: into the stream, or into `delayed` until they are due. */
import { postbackId } from '../entry.js';
import type { QueueKeys } from '../keys.js';
import { packExtras, type PostbackSettings } from '../postbackSettings.js';

export interface EnqueueRequest {
  readonly endpointHash: string;
  /** The endpoint as the client sent it; stored once, however many postbacks need it. */
  readonly endpointJson: string;
  /** One JSON text per postback, stored verbatim. */
  readonly data: readonly string[];
  /** For all of them. */
  readonly settings?: PostbackSettings;
  /** One per postback, in the order of `data`. */
  readonly references?: readonly string[];
}

/**
 * Lua: `count` is the number of postbacks and `place()` writes them all and returns the stream id of the first. The others
 * follow in the same millisecond, so that a later `*` inside the same script cannot break the row. The first write is refused as
 * a whole when memory is full (-OOM), so nothing is left half done. Scheduled postbacks take their ids from the stream too, by
 * entries added and removed at once, which makes them unique.
 * Expects KEYS 1 stream, 5 delayed, 6 delayed entries; ARGV 1 format version, 2 endpoint hash, 9… what `itemArgs` returns.
 */
export const PLACE_ITEMS = `
local step, head = tonumber(ARGV[12]), 13
local count = (#ARGV - head + 1) / step
local function add(id, at)
  if step == 1 then return redis.call('XADD', KEYS[1], id, 'v', ARGV[1], 'e', ARGV[2], 'd', ARGV[at]) end
  return redis.call('XADD', KEYS[1], id, 'v', ARGV[1], 'e', ARGV[2], 'd', ARGV[at], 's', ARGV[at + 1])
end
local function take(id)
  local taken = redis.call('XADD', KEYS[1], id, 'v', ARGV[1])
  redis.call('XDEL', KEYS[1], taken)
  return taken
end
local function dueTime()
  if string.sub(ARGV[9], 1, 1) ~= '+' then return tonumber(ARGV[9]) end
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000) + tonumber(string.sub(ARGV[9], 2))
end
local function delayAll(ms, from)
  local due = dueTime()
  for i = 0, count - 1 do
    local id = ARGV[10] .. ms .. '-' .. string.format('%d', from + i)
    local at = head + step * i
    local about = '{"v":' .. ARGV[1] .. ',"i":"' .. id .. '","e":"' .. ARGV[2] .. '","s":' .. ARGV[at + 1] .. '}'
    redis.call('ZADD', KEYS[5], due, id)
    redis.call('HSET', KEYS[6], id, about .. '\\n' .. ARGV[at])
  end
  if tonumber(redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')[2]) == due then redis.call('PUBLISH', ARGV[11], '0') end
end
local function place()
  if ARGV[9] == '' then
    local first = add('*', head)
    local rest = string.match(first, '^%d+') .. '-*'
    for at = head + step, #ARGV, step do add(rest, at) end
    return first
  end
  local first = take('*')
  local ms, from = string.match(first, '^(%d+)-(%d+)$')
  if count > 1 then take(ms .. '-' .. string.format('%d', from + count - 1)) end
  delayAll(ms, from)
  return first
end
`;

/**
 * When ('' = now, '+ms' = so much later, 'ms' = at that time), head of the postback ids, wake channel, '2' if each data object is
 * followed by its settings and '1' if none is, then the data objects.
 */
export function itemArgs(keys: QueueKeys, request: EnqueueRequest): string[] {
  const extras = extrasOf(request);
  const { data } = request;
  const items = extras ? data.flatMap((object, index) => [object, extras(index)]) : data;
  return [whenOf(request), postbackId(keys.partition, ''), keys.wake, extras ? '2' : '1', ...items];
}

function whenOf({ settings }: EnqueueRequest): string {
  if (settings?.deliverAtMs !== undefined) return String(settings.deliverAtMs);
  return settings?.delayMs === undefined ? '' : `+${settings.delayMs}`;
}

/** The settings' JSON text by index; `undefined` when no postback has any. */
function extrasOf({ settings = {}, references }: EnqueueRequest): ((index: number) => string) | undefined {
  if (references) return (index) => JSON.stringify(packExtras({ settings, reference: references[index] as string }));
  const shared = packExtras({ settings });
  if (shared === undefined) return undefined;
  const json = JSON.stringify(shared);
  return () => json;
}
