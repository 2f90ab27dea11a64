/** Taking over entries whose worker has gone silent. */
import { FORMAT_VERSION } from '../entry.js';
import { GROUP, type QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import type { RawEntry } from './read.js';

export interface ClaimRequest {
  readonly stream: string;
  readonly consumer: string;
  /** Only entries that nobody has touched for so long. */
  readonly idleMs: number;
  /** At most so many entries. */
  readonly limit: number;
  /** Take one suspect instead: an entry that was handed out twice or more and may be what ends its workers. */
  readonly suspects: boolean;
}

export interface ClaimedEntry extends RawEntry {
  /** How often Redis has handed the entry out, this time included. */
  readonly deliveryCount: number;
}

export interface Claim {
  readonly entries: readonly ClaimedEntry[];
  /** Ids that were pending although somebody has deleted the entry; Redis has forgotten them now. */
  readonly trimmedIds: readonly string[];
}

// KEYS 1 stream, 2 totals
// ARGV 1 group, 2 consumer, 3 idle ms, 4 limit, 5 '1' = one suspect, '0' = entries handed out once, 6 newest readable format
// Returns {{id, fields, delivery count}…, trimmed ids}. Only what is claimed has its delivery count raised: innocents that
// wait behind a suspect do not come closer to being called poison. An entry of a newer format is passed over for the same
// reason: it waits, untouched, for a worker that can read it. Ids trimmed by someone else are counted in the books.
const script = defineScript(
  'claim',
  `
local claimed, trimmed, from = {}, {}, '-'
local limit = ARGV[5] == '1' and 1 or tonumber(ARGV[4])
local function isNewer(id)
  local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
  local format
  for i = 1, entry and #entry[2] or 0, 2 do
    if entry[2][i] == 'v' then format = tonumber(entry[2][i + 1]) end
    if entry[2][i] == 'r' then format = tonumber(string.match(entry[2][i + 1], '^{"v":(%d+)')) end
  end
  return format ~= nil and format > tonumber(ARGV[6])
end
repeat
  local page = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], from, '+', 100)
  for _, pending in ipairs(page) do
    local isSuspect = pending[4] >= 2
    if isSuspect == (ARGV[5] == '1') and #claimed < limit and not isNewer(pending[1]) then
      local entry = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], pending[1])[1]
      if entry then
        table.insert(claimed, {entry[1], entry[2], pending[4] + 1})
      else
        redis.call('XACK', KEYS[1], ARGV[1], pending[1])
        table.insert(trimmed, pending[1])
      end
    end
    from = '(' .. pending[1]
  end
until #page < 100 or #claimed >= limit
if #trimmed > 0 then redis.call('HINCRBY', KEYS[2], 'trimmed', #trimmed) end
return {claimed, trimmed}
`,
);

export async function claim(redis: RedisSender, keys: QueueKeys, request: ClaimRequest): Promise<Claim> {
  const { stream, consumer, idleMs, limit, suspects } = request;
  const args = [GROUP, consumer, String(idleMs), String(limit), suspects ? '1' : '0', String(FORMAT_VERSION)];
  const reply = (await runScript(redis, script, [stream, keys.totals], args)) as [
    [string, string[], number][],
    string[],
  ];
  const entries = reply[0].map(([streamId, fields, deliveryCount]) => ({ stream, streamId, fields, deliveryCount }));
  return { entries, trimmedIds: reply[1] };
}
