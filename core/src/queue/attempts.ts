/**
 * The newest attempts of a partition, by name: kept by delivery, looked at and let go by the dashboard. They are advisory; the books
 * and the postbacks themselves know nothing of them.
 */
import { indexTokens, unpackAttempt, type KeptAttempt } from './keptAttempt.js';
import { ATTEMPT_KINDS, queueKeys, type AttemptKind, type QueueKeys } from './keys.js';
import type { RedisSender } from './script.js';
import { keepAttempts, trimAttempts, type AttemptBlock, type AttemptLimits } from './scripts/keepAttempts.js';
import {
  eraseAttempts,
  oldestAttempt,
  readBlocks,
  searchAttempts,
  type BlockPage,
  type BlockSearch,
  type KeptBlock,
} from './scripts/readAttempts.js';

export interface Attempts {
  /** @throws a Redis error starting with OOM when memory is full: then none of them is kept */
  keep(blocks: readonly AttemptBlock[], limits: AttemptLimits): Promise<void>;
  /** One step; returns how many have gone: 0 when there are none beyond the limits any more. */
  trim(limits: AttemptLimits): Promise<number>;
  search(search: BlockSearch): Promise<BlockPage>;
  read(kind: AttemptKind, blockIds: readonly string[]): Promise<KeptBlock[]>;
  /** How far back they reach, ms since the epoch; `undefined` = none is kept. */
  oldest(kind: AttemptKind): Promise<number | undefined>;
  /** All that is kept of a postback, the oldest first. Looks at the indexes of all blocks since its acceptance. */
  of(id: string): Promise<KeptAttempt[]>;
  /** Returns how many attempts have gone; the numbers of the postback stay in the index until its blocks go. */
  erase(id: string): Promise<number>;
}

/** Blocks per call: Redis serves others in between. */
const PAGE = 200;

export function createAttempts(redis: RedisSender, keys: QueueKeys = queueKeys(0)): Attempts {
  async function blocksOf(id: string, kind: AttemptKind): Promise<string[]> {
    const until = id.split('-', 2)[1] ?? '-'; // no attempt ended before the postback was accepted
    const found: string[] = [];
    for (let from: string | undefined = '+'; from !== undefined;) {
      const page = await searchAttempts(redis, keys, { kind, from, until, count: PAGE, tokens: indexTokens({ id }) });
      found.push(...page.blockIds);
      from = page.next;
    }
    return found;
  }

  async function attemptsOf(id: string, kind: AttemptKind): Promise<KeptAttempt[]> {
    const blocks = await readBlocks(redis, keys, kind, await blocksOf(id, kind));
    const all = blocks.flatMap(({ rows }) => rows.filter((row) => row.includes(id)).map(unpackAttempt));
    return all.filter((attempt) => attempt?.id === id) as KeptAttempt[];
  }

  return {
    keep: (blocks, limits) => keepAttempts(redis, keys, blocks, limits),
    trim: (limits) => trimAttempts(redis, keys, limits),
    search: (search) => searchAttempts(redis, keys, search),
    read: (kind, blockIds) => readBlocks(redis, keys, kind, blockIds),
    oldest: (kind) => oldestAttempt(redis, keys, kind),
    of: async (id) => {
      const found = await Promise.all(ATTEMPT_KINDS.map((kind) => attemptsOf(id, kind)));
      return found.flat().sort((left, right) => left.endedAt - right.endedAt);
    },
    erase: async (id) => {
      let erased = 0;
      for (const kind of ATTEMPT_KINDS) {
        erased += await eraseAttempts(redis, keys, { kind, blockIds: await blocksOf(id, kind), id });
      }
      return erased;
    },
  };
}
