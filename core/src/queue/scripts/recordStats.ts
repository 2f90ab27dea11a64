/**
 * Adding up what processes have counted, by the minute of Redis's clock, and the list of workers that are alive. What it takes is bounded:
 * so many destinations a minute, the rest in one line, and every key has an end.
 */
import { OTHER_DESTINATIONS, type StatsIncrement } from '../../stats/recorder.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

/** What a worker says of itself, once a second. */
export interface WorkerBeat {
  /** Unique per process start. */
  readonly name: string;
  readonly version: string;
  /** ms since the epoch */
  readonly startedAt: number;
  /** Attempts that it may make at the same time, and what it has in hand. */
  readonly slots: number;
  readonly busy: number;
  /** Why it does not work; empty when it does. */
  readonly reasons: readonly string[];
}

/** A day is what a chart shows at most, three hours what a list of destinations does. */
export const SERIES_MINUTES = 1_440;
export const DESTINATION_MINUTES = 180;
export const MAX_DESTINATIONS = 200;
/** Seconds that are kept one by one. */
export const RECENT_SECONDS = 120;
/** Destinations per call: one takes about 1 ms of Redis's time, and others are served in between. */
const PAGE = 25;
/** A worker that was not heard of for so long is forgotten. */
const FORGOTTEN_MS = 60_000;

// KEYS 1 workers, 2 recent seconds
// ARGV 1 head of the minutes' names, 2 tally ('' = none), 3 counts, 4 worker ('' = none), 5 what it says, then destination and tally …
// Returns 1. The minutes' names are made here, since only Redis knows the minute: they have the hash tag of the other keys. EXPIRE on what may
// not be there comes first: after a write that frees, the others work when memory is full.
const recordScript = defineScript(
  'recordStats',
  `
local function sum(old, more)
  if not old then return more end
  local counts, names = {}, {}
  for _, line in ipairs({old, more}) do
    for name, count in string.gmatch(line, '([^=,]+)=(%d+)') do
      if not counts[name] then
        counts[name] = 0
        table.insert(names, name)
      end
      counts[name] = counts[name] + count
    end
  end
  for i, name in ipairs(names) do names[i] = name .. '=' .. string.format('%.0f', counts[name]) end
  return table.concat(names, ',')
end
local now = redis.call('TIME')
local second = tonumber(now[1])
local ms = string.format('%.0f', second * 1000 + math.floor(now[2] / 1000))
redis.call('EXPIRE', KEYS[1], ${2 * (FORGOTTEN_MS / 1_000)})
if ARGV[4] ~= '' then
  local workers = redis.call('HGETALL', KEYS[1])
  for i = 1, #workers, 2 do
    if tonumber(string.match(workers[i + 1], '^%d+')) < ms - ${FORGOTTEN_MS} then redis.call('HDEL', KEYS[1], workers[i]) end
  end
  redis.call('HSET', KEYS[1], ARGV[4], ms .. ' ' .. ARGV[5])
  redis.call('EXPIRE', KEYS[1], ${2 * (FORGOTTEN_MS / 1_000)})
end
local minute = ARGV[1] .. string.format('%.0f', math.floor(second / 60))
if ARGV[2] ~= '' then
  redis.call('SET', minute, sum(redis.call('GET', minute), ARGV[2]), 'EX', ${(SERIES_MINUTES + 2) * 60})
  local slot = second % ${RECENT_SECONDS}
  local was = {string.match(redis.call('HGET', KEYS[2], slot) or '', '^(%d+) (%d+) (%d+) (%d+) (%d+)$')}
  local counts, at = {}, 2
  for count in string.gmatch(ARGV[3], '%d+') do
    local before = was[1] == now[1] and was[at] or 0
    table.insert(counts, string.format('%.0f', before + count))
    at = at + 1
  end
  redis.call('HSET', KEYS[2], slot, now[1] .. ' ' .. table.concat(counts, ' '))
  redis.call('EXPIRE', KEYS[2], ${2 * RECENT_SECONDS})
end
if #ARGV > 5 then
  local to = minute .. ':to'
  local room = ${MAX_DESTINATIONS} - redis.call('HLEN', to)
  for i = 6, #ARGV, 2 do
    local name = ARGV[i]
    local old = redis.call('HGET', to, name)
    if not old and room <= 0 then
      name = '${OTHER_DESTINATIONS}'
      old = redis.call('HGET', to, name)
    end
    if not old then room = room - 1 end
    redis.call('HSET', to, name, sum(old, ARGV[i + 1]))
  end
  redis.call('EXPIRE', to, ${(DESTINATION_MINUTES + 2) * 60})
end
return 1
`,
);

export async function recordStats(
  redis: RedisSender,
  keys: QueueKeys,
  increment: StatsIncrement | undefined,
  beat: WorkerBeat | undefined,
): Promise<void> {
  const { name = '', ...about } = beat ?? {};
  const { tally = '', counts = [], destinations = [] } = increment ?? {};
  const send = (args: readonly string[], from: number) =>
    runScript(
      redis,
      recordScript,
      [keys.workers, keys.statsRecent],
      [keys.statsOf(''), ...args, ...destinations.slice(from, from + PAGE).flat()],
    );
  await send([tally, counts.join(' '), name, JSON.stringify(about)], 0);
  for (let from = PAGE; from < destinations.length; from += PAGE) await send(['', '', '', ''], from);
}

export async function leaveWorkers(redis: RedisSender, keys: QueueKeys, name: string): Promise<void> {
  await redis.send(keys.workers, ['HDEL', keys.workers, name]);
}
