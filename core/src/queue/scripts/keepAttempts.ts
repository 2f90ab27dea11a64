/**
 * Keeping the newest attempts, many at once, and letting go of the oldest beyond the limits.
 *
 * A block holds what finished together: an entry of a stream with the block's index (whose attempts it holds), and the rows
 * themselves under the same id in a hash, so that searching reads only indexes and erasing can rewrite the rows. A block goes with
 * its index in one step: what is found is there.
 */
import { ATTEMPT_KINDS, type AttemptKind, type QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

export interface AttemptBlock {
  readonly kind: AttemptKind;
  readonly count: number;
  /** See `indexOf` in keptAttempt.ts; ends with a comma. */
  readonly index: string;
  /** One line per attempt. */
  readonly rows: string;
}

export interface AttemptLimits {
  /** So many attempts of each kind; 0 = none are kept. */
  readonly count: Readonly<Record<AttemptKind, number>>;
  /** So many bytes of each kind, about. */
  readonly bytes: number;
  readonly maxAgeMs: number;
}

/** What a block costs besides its text: measured with MEMORY USAGE, Redis 7.0. */
const BLOCK_OVERHEAD = 150;
/** One call lets go of so many blocks at most, so that others are not held up after a limit was lowered. */
const TRIM_LIMIT = 100;

/** Defines trim(kind, blocks, rows, kept, max count, max bytes, oldest ms), which returns how many attempts have gone. */
const TRIM = `
local function trim(kind, blocks, rows, kept, maxCount, maxBytes, oldest)
  local held = redis.call('HMGET', kept, kind .. ':rows', kind .. ':bytes')
  local count, bytes = tonumber(held[1] or 0), tonumber(held[2] or 0)
  if count <= maxCount and bytes <= maxBytes and oldest == 0 then return 0 end
  local ids, goneCount, goneBytes, from, isOver = {}, 0, 0, '-', true
  while isOver and #ids < ${TRIM_LIMIT} do
    local page = redis.call('XRANGE', blocks, from, '+', 'COUNT', 4)
    if #page == 0 then isOver = false end
    for _, entry in ipairs(page) do
      isOver = isOver and (count - goneCount > maxCount or bytes - goneBytes > maxBytes
        or tonumber(string.match(entry[1], '^%d+')) < oldest)
      if isOver then
        table.insert(ids, entry[1])
        goneCount = goneCount + entry[2][2]
        goneBytes = goneBytes + entry[2][4]
        from = '(' .. entry[1]
      end
    end
  end
  if #ids == 0 then return 0 end
  redis.call('HDEL', rows, unpack(ids))
  redis.call('XDEL', blocks, unpack(ids))
  redis.call('HINCRBY', kept, kind .. ':rows', -goneCount)
  redis.call('HINCRBY', kept, kind .. ':bytes', -goneBytes)
  return goneCount
end
`;

// KEYS 1 kept, then blocks and rows of each kind
// ARGV 1 max bytes, then max count of each kind, then for each block: number of its kind, count, index, rows
// Returns 1. The first write is an XADD: refused as a whole (-OOM) when memory is full, and then nothing is kept.
const keepScript = defineScript(
  'keepAttempts',
  `${TRIM}
local kinds = {${ATTEMPT_KINDS.map((kind) => `'${kind}'`).join(', ')}}
for at = 2 + #kinds, #ARGV, 4 do
  local k = tonumber(ARGV[at])
  local bytes = #ARGV[at + 2] + #ARGV[at + 3] + ${BLOCK_OVERHEAD}
  local id = redis.call('XADD', KEYS[2 * k], '*', 'n', ARGV[at + 1], 'b', bytes, 'i', ARGV[at + 2])
  redis.call('HSET', KEYS[2 * k + 1], id, ARGV[at + 3])
  redis.call('HINCRBY', KEYS[1], kinds[k] .. ':rows', ARGV[at + 1])
  redis.call('HINCRBY', KEYS[1], kinds[k] .. ':bytes', bytes)
end
for k, kind in ipairs(kinds) do
  trim(kind, KEYS[2 * k], KEYS[2 * k + 1], KEYS[1], tonumber(ARGV[1 + k]), tonumber(ARGV[1]), 0)
end
return 1
`,
);

// KEYS 1 kept, then blocks and rows of each kind
// ARGV 1 max bytes, 2 max age in ms, then max count of each kind
// Returns how many attempts have gone. Frees first, so it works when memory is full. Ages are by Redis's clock.
const trimScript = defineScript(
  'trimAttempts',
  `${TRIM}
local now = redis.call('TIME')
local oldest = math.max(1, now[1] * 1000 - ARGV[2])
local gone = 0
for k, kind in ipairs({${ATTEMPT_KINDS.map((kind) => `'${kind}'`).join(', ')}}) do
  gone = gone + trim(kind, KEYS[2 * k], KEYS[2 * k + 1], KEYS[1], tonumber(ARGV[2 + k]), tonumber(ARGV[1]), oldest)
end
return gone
`,
);

export async function keepAttempts(
  redis: RedisSender,
  keys: QueueKeys,
  blocks: readonly AttemptBlock[],
  { count, bytes }: AttemptLimits,
): Promise<void> {
  const limits = [bytes, ...ATTEMPT_KINDS.map((kind) => count[kind])].map(String);
  const texts = blocks.flatMap((block) => [
    String(ATTEMPT_KINDS.indexOf(block.kind) + 1),
    String(block.count),
    block.index,
    block.rows,
  ]);
  await runScript(redis, keepScript, names(keys), [...limits, ...texts]);
}

/** One step: 0 when nothing is beyond the limits any more. */
export async function trimAttempts(
  redis: RedisSender,
  keys: QueueKeys,
  { count, bytes, maxAgeMs }: AttemptLimits,
): Promise<number> {
  const limits = [bytes, maxAgeMs, ...ATTEMPT_KINDS.map((kind) => count[kind])].map(String);
  return (await runScript(redis, trimScript, names(keys), limits)) as number;
}

function names({ attempts, attemptsKept }: QueueKeys): string[] {
  return [attemptsKept, ...ATTEMPT_KINDS.flatMap((kind) => [attempts[kind].blocks, attempts[kind].rows])];
}
