/** Goes through the blocks of one kind of attempts, newest first, reading ahead a little. */
import type { Attempts } from '@postback/core/queue/attempts';
import type { AttemptKind } from '@postback/core/queue/keys';
import type { KeptBlock } from '@postback/core/queue/scripts/readAttempts';

export interface BlockReader {
  readonly kind: AttemptKind;
  /** The next block that fits; `undefined` = there is none, or `isSpent`. */
  peek(): Promise<string | undefined>;
  /** Takes the one that `peek` has shown; `undefined` when it has been trimmed meanwhile. */
  take(): Promise<KeptBlock | undefined>;
  /** The block that was looked at last when the search was broken off; `undefined` = it was not. */
  readonly brokenOffAt: () => string | undefined;
}

interface ReaderOptions {
  readonly attempts: Pick<Attempts, 'search' | 'read'>;
  readonly kind: AttemptKind;
  readonly from: string;
  readonly until: string;
  readonly tokens: readonly string[] | undefined;
}

/** Indexes per call of Redis; and calls that one search makes before it says where it has stopped. */
const INDEX_PAGE = 200;
const MAX_INDEX_PAGES = 100;
/** Blocks per call: up to 64 KiB each. */
const READ_AHEAD = 8;

export function createBlockReader({ attempts, kind, from, until, tokens }: ReaderOptions): BlockReader {
  let ids: readonly string[] = [];
  let blocks: KeptBlock[] = [];
  let next: string | undefined = from;
  let pages = 0;

  async function findMore(): Promise<void> {
    while (ids.length === 0 && next !== undefined && pages < MAX_INDEX_PAGES) {
      pages++;
      const page = await attempts.search({ kind, from: next, until, count: INDEX_PAGE, ...(tokens ? { tokens } : {}) });
      ids = page.blockIds;
      next = page.next;
    }
  }

  return {
    kind,
    peek: async () => {
      await findMore();
      return ids[0];
    },
    take: async () => {
      const [id] = ids;
      if (id !== undefined && !blocks.some(({ blockId }) => blockId === id)) {
        blocks = await attempts.read(kind, ids.slice(0, READ_AHEAD));
      }
      ids = ids.slice(1);
      return blocks.find(({ blockId }) => blockId === id);
    },
    brokenOffAt: () => (ids.length === 0 && next !== undefined ? next.replace('(', '') : undefined),
  };
}
