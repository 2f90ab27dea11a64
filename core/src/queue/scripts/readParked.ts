/** Looking at what is parked: which destinations, how much of each, and where one postback is. */
import { acceptedAt } from '../entry.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import type { RawEntry } from './read.js';

export interface ParkedDestination {
  /** `scheme://host:port` */
  readonly destination: string;
  readonly count: number;
  /** When the first in line was accepted, ms since the epoch. */
  readonly oldestAt: number;
  readonly bytes: number;
}

export interface FoundParked {
  readonly destination: string;
  readonly entry: RawEntry;
}

// KEYS 1 parked, 2 parked bytes
// ARGV 1 offset, 2 at most so many, 3 head of the streams' names
// Returns {destination, oldest at, length, bytes …}, the longest waiting first. Reads only. The streams' names are made here: they
// have the hash tag of the other keys.
const script = defineScript(
  'parkedDestinations',
  `
local found = {}
local members = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[1] + ARGV[2] - 1, 'WITHSCORES')
for i = 1, #members, 2 do
  table.insert(found, members[i])
  table.insert(found, members[i + 1])
  table.insert(found, redis.call('XLEN', ARGV[3] .. members[i]))
  table.insert(found, tonumber(redis.call('HGET', KEYS[2], members[i]) or 0))
end
return found
`,
);

export async function parkedDestinations(
  redis: RedisSender,
  keys: QueueKeys,
  limit: number,
  offset = 0,
): Promise<ParkedDestination[]> {
  const args = [String(offset), String(limit), keys.parkedOf('')];
  const flat = (await runScript(redis, script, [keys.parked, keys.parkedBytes], args)) as (string | number)[];
  return Array.from({ length: flat.length / 4 }, (_, index) => {
    const [destination, oldestAt, count, bytes] = flat.slice(4 * index, 4 * index + 4);
    return { destination: String(destination), oldestAt: Number(oldestAt), count: Number(count), bytes: Number(bytes) };
  });
}

// KEYS 1 the destination's parked
// ARGV 1 behind this entry, 2 count, 3 postback id
// Returns {id of the last entry that was looked at, how many were, the one that fits if there is one}. Reads only; 1,000 entries
// take about a millisecond, and only what fits is sent.
const findScript = defineScript(
  'findParked',
  `
local page = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2])
local reply = {#page > 0 and page[#page][1] or '', #page}
for _, entry in ipairs(page) do
  local fields = entry[2]
  for i = 1, #fields, 2 do
    if fields[i] == 'i' and fields[i + 1] == ARGV[3] then
      reply[3] = entry
      return reply
    end
  end
end
return reply
`,
);

const PAGE = 1_000;
/** So many times a page are looked through at most, of all destinations together: a few seconds, in which Redis serves others too. */
const MAX_PAGES = 1_000;
const MAX_DESTINATIONS = 1_000;

/**
 * The postback where it is parked. There is no index, because it would cost as much memory as the postbacks: each destination's
 * entries are looked through from those parked when it was accepted, a million of them at most. Name the destination if it is known.
 */
export async function findParked(
  redis: RedisSender,
  keys: QueueKeys,
  id: string,
  destination?: string,
): Promise<FoundParked | undefined> {
  const places =
    destination === undefined ? await parkedDestinations(redis, keys, MAX_DESTINATIONS) : [{ destination }];
  const budget = { pages: MAX_PAGES };
  for (const place of places) {
    const entry = await findIn(redis, keys, { id, destination: place.destination, budget });
    if (entry) return { destination: place.destination, entry };
  }
  return undefined;
}

interface Search {
  readonly id: string;
  readonly destination: string;
  readonly budget: { pages: number };
}

type FindReply = [last: string, seen: number, found?: [streamId: string, fields: string[]]];

async function findIn(redis: RedisSender, keys: QueueKeys, { id, destination, budget }: Search) {
  const stream = keys.parkedOf(destination);
  let after = `${acceptedAt(id) - 1}-0`;
  while (budget.pages-- > 0) {
    const reply = await runScript(redis, findScript, [stream], [after, String(PAGE), id]);
    const [last, seen, found] = reply as FindReply;
    if (found) return { stream, streamId: found[0], fields: found[1] };
    if (seen < PAGE) return undefined;
    after = last;
  }
  return undefined;
}
