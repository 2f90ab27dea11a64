/**
 * Looking for a postback among entries that do not have its id for their own: moved ones, and those with a reference. Redis looks
 * through a page of them and sends only what fits: some 1,000 entries a millisecond.
 */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import type { RawEntry } from './read.js';

/** What to look for: it stands in no data object that is looked at. */
export type Needle = { readonly id: string } | { readonly reference: string };

export interface FoundEntries {
  readonly entries: readonly RawEntry[];
  /** Go on behind this entry; `undefined` = that was all. */
  readonly next: string | undefined;
}

export interface FoundDelayed {
  readonly records: readonly string[];
  /** '0' = that was all. */
  readonly cursor: string;
}

/** Defines head(record): the line that tells of the postback, without the client's data. */
const HEAD = `
local function head(record) return string.match(record, '^[^\\n]*') end
`;

// KEYS 1 stream
// ARGV 1 from, 2 count, 3 needle
// Returns {id of the last entry that was looked at, how many were, {id, fields} of those that fit…}. Reads only. Looks into the head
// of a record (r), the settings of a first attempt (s) and nowhere else: what a client sends as data finds nothing.
const streamScript = defineScript(
  'findEntry',
  `${HEAD}
local page = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
local found = {#page > 0 and page[#page][1] or '', #page}
for _, entry in ipairs(page) do
  for i = 1, #entry[2], 2 do
    local name, value = entry[2][i], entry[2][i + 1]
    if (name == 's' or name == 'r') and string.find(head(value), ARGV[3], 1, true) then
      table.insert(found, entry)
      break
    end
  end
end
return found
`,
);

// KEYS 1 delayed entries
// ARGV 1 cursor, 2 count, 3 needle
// Returns {next cursor, records that fit…}. Reads only.
const delayedScript = defineScript(
  'findDelayed',
  `${HEAD}
local reply = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local found = {reply[1]}
for i = 2, #reply[2], 2 do
  if string.find(head(reply[2][i]), ARGV[3], 1, true) then table.insert(found, reply[2][i]) end
end
return found
`,
);

/** One page behind the entry `after` ('' = from the start). */
export async function findEntries(
  redis: RedisSender,
  { stream, needle, after, count }: { stream: string; needle: Needle; after: string; count: number },
): Promise<FoundEntries> {
  const from = after === '' ? '-' : `(${after}`;
  const reply = await runScript(redis, streamScript, [stream], [from, String(count), textOf(needle)]);
  const [last, seen, ...found] = reply as [string, number, ...[string, string[]][]];
  const entries = found.map(([streamId, fields]) => ({ stream, streamId, fields }));
  return { entries, next: seen < count ? undefined : last };
}

/** One page of about `count`; begin with '0'. */
export async function findDelayed(
  redis: RedisSender,
  keys: QueueKeys,
  { needle, cursor, count }: { needle: Needle; cursor: string; count: number },
): Promise<FoundDelayed> {
  const args = [cursor, String(count), textOf(needle)];
  const [next, ...records] = (await runScript(redis, delayedScript, [keys.delayedEntries], args)) as string[];
  return { records, cursor: next ?? '0' };
}

/** When a delayed postback is due, ms since the epoch. */
export async function readDue(redis: RedisSender, keys: QueueKeys, id: string): Promise<number | undefined> {
  const score = (await redis.send(keys.delayed, ['ZSCORE', keys.delayed, id])) as string | null;
  return score === null ? undefined : Number(score);
}

/** As entry.ts and postbackSettings.ts write it; quotes within a text are escaped there, so it cannot stand inside one. */
function textOf(needle: Needle): string {
  return 'id' in needle ? `"i":${JSON.stringify(needle.id)}` : `"r":${JSON.stringify(needle.reference)}`;
}
