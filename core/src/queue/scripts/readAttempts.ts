/** Looking at kept attempts, a page of blocks at a time: no call reads more than it was asked for. */
import { rowHead } from '../keptAttempt.js';
import type { AttemptKind, QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

export interface KeptBlock {
  readonly kind: AttemptKind;
  readonly blockId: string;
  /** One line per attempt, the oldest first. */
  readonly rows: readonly string[];
}

export interface BlockPage {
  /** The newest first. */
  readonly blockIds: readonly string[];
  /** Where to go on: `undefined` = there is no more. */
  readonly next: string | undefined;
}

export interface BlockSearch {
  readonly kind: AttemptKind;
  /** Only blocks from here on backwards, this one included; '+' = the newest. `(` in front leaves it out. */
  readonly from: string;
  /** Not further back than this: '-' or ms since the epoch. */
  readonly until: string;
  /** Look at so many blocks, at most. */
  readonly count: number;
  /** Any of these in the index; without them every block fits. */
  readonly tokens?: readonly string[];
}

// KEYS 1 blocks
// ARGV 1 from, 2 until, 3 count, 4… tokens
// Returns {id of the last block that was looked at, how many were looked at, ids of those that fit…}, newest first. Reads only.
// An index is some 20 B per attempt: 100 blocks take about 0.1 ms.
const searchScript = defineScript(
  'searchAttempts',
  `
local page = redis.call('XREVRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])
local found = {#page > 0 and page[#page][1] or '', #page}
for _, entry in ipairs(page) do
  local fits = #ARGV == 3
  for t = 4, #ARGV do fits = fits or string.find(entry[2][6], ARGV[t], 1, true) ~= nil end
  if fits then table.insert(found, entry[1]) end
end
return found
`,
);

// KEYS 1 rows
// ARGV 1 head of the rows that go, 2… block ids
// Returns how many rows have gone. HDEL comes before HSET, so it works when memory is full. What the block is counted with stays:
// it is taken off when the block is trimmed.
const eraseScript = defineScript(
  'eraseAttempts',
  `
local erased = 0
for b = 2, #ARGV do
  local left, gone = {}, 0
  for row in string.gmatch(redis.call('HGET', KEYS[1], ARGV[b]) or '', '[^\\n]+') do
    if string.sub(row, 1, #ARGV[1]) == ARGV[1] then gone = gone + 1 else table.insert(left, row) end
  end
  if gone > 0 then
    redis.call('HDEL', KEYS[1], ARGV[b])
    if #left > 0 then redis.call('HSET', KEYS[1], ARGV[b], table.concat(left, '\\n')) end
    erased = erased + gone
  end
end
return erased
`,
);

export async function searchAttempts(redis: RedisSender, keys: QueueKeys, search: BlockSearch): Promise<BlockPage> {
  const { kind, from, until, count, tokens = [] } = search;
  const args = [from, until, String(count), ...tokens];
  const reply = (await runScript(redis, searchScript, [keys.attempts[kind].blocks], args)) as [string, number];
  const [last, seen, ...blockIds] = reply as [string, number, ...string[]];
  return { blockIds, next: seen < count ? undefined : `(${last}` };
}

/** When the oldest that is kept ended, about, ms since the epoch; `undefined` = none is. */
export async function oldestAttempt(
  redis: RedisSender,
  { attempts }: QueueKeys,
  kind: AttemptKind,
): Promise<number | undefined> {
  const key = attempts[kind].blocks;
  const [first] = (await redis.send(key, ['XRANGE', key, '-', '+', 'COUNT', '1'])) as [string, unknown][];
  return first && parseInt(first[0], 10);
}

/** Those that are gone are left out. */
export async function readBlocks(
  redis: RedisSender,
  keys: QueueKeys,
  kind: AttemptKind,
  blockIds: readonly string[],
): Promise<KeptBlock[]> {
  if (blockIds.length === 0) return [];
  const key = keys.attempts[kind].rows;
  const texts = (await redis.send(key, ['HMGET', key, ...blockIds])) as (string | null)[];
  return blockIds.flatMap((blockId, index) => {
    const text = texts[index];
    return text ? [{ kind, blockId, rows: text.split('\n') }] : [];
  });
}

/** Returns how many attempts of the postback have gone from these blocks. */
export async function eraseAttempts(
  redis: RedisSender,
  keys: QueueKeys,
  { kind, blockIds, id }: { kind: AttemptKind; blockIds: readonly string[]; id: string },
): Promise<number> {
  if (blockIds.length === 0) return 0;
  return (await runScript(redis, eraseScript, [keys.attempts[kind].rows], [rowHead(id), ...blockIds])) as number;
}
