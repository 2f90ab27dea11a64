/** Looking at what is parked: which destinations, how much of each, and where one postback is. */
import { acceptedAt } from '../entry.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import { peekStream } from './peek.js';
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

const PAGE = 200;
/** So many entries are looked through at most, of all destinations together: about half a second. */
const MAX_PAGES = 100;
const MAX_DESTINATIONS = 1_000;

/**
 * The postback where it is parked. There is no index, because it would cost as much memory as the postbacks: each destination's
 * entries are looked through from those parked when it was accepted, so one that was parked soon after that is found at once,
 * and one that was parked hours later in a long line may be missed. Name the destination if it is known.
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

async function findIn(redis: RedisSender, keys: QueueKeys, { id, destination, budget }: Search) {
  const stream = keys.parkedOf(destination);
  let after = `${acceptedAt(id) - 1}-0`;
  while (budget.pages-- > 0) {
    const page = await peekStream(redis, stream, after, PAGE);
    const found = page.find(({ fields }) => fields[fields.indexOf('i') + 1] === id);
    if (found) return found;
    if (page.length < PAGE) return undefined;
    after = (page.at(-1) as RawEntry).streamId;
  }
  return undefined;
}
