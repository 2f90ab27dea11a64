/**
 * Finds kept attempts, newest first. By postback or reference the index leads to the blocks; otherwise block after block is read and what
 * does not fit is dropped here. A search looks at so many attempts at most and then says where it stopped, so that neither Redis
 * nor this service is kept busy by one question.
 */
import type { Attempts } from '@postback/core/queue/attempts';
import { acceptedAt } from '@postback/core/queue/entry';
import { indexTokens, unpackAttempt, type KeptAttempt } from '@postback/core/queue/keptAttempt';
import type { KeptBlock } from '@postback/core/queue/scripts/readAttempts';
import { createBlockReader, type BlockReader } from './blockReader.js';
import { fits, kindsOf, type AttemptFilter } from './filter.js';
import { compareBlocks, startOf, type AttemptPlace } from './place.js';

export interface AttemptSearch {
  readonly filter: AttemptFilter;
  /** At most so many attempts. */
  readonly limit: number;
  readonly after?: AttemptPlace | undefined;
}

export interface FoundAttempts {
  readonly attempts: readonly KeptAttempt[];
  /** Go on behind this place; `undefined` = there is no more. */
  readonly next: AttemptPlace | undefined;
  readonly scanned: number;
}

const MAX_SCANNED = 5_000;
/** Behind every row of a block. */
const WHOLE_BLOCK = 999_999;

export async function searchAttempts(
  attempts: Pick<Attempts, 'search' | 'read'>,
  { filter, limit, after }: AttemptSearch,
): Promise<FoundAttempts> {
  const readers = kindsOf(filter).map((kind) =>
    createBlockReader({ attempts, kind, from: startOf(kind, after), until: untilOf(filter), tokens: tokensOf(filter) }),
  );
  const found: KeptAttempt[] = [];
  let scanned = 0;
  for (;;) {
    const newest = await newestOf(readers);
    if (!newest || newest.isBrokenOff) return { attempts: found, next: newest?.place, scanned };
    if (scanned >= MAX_SCANNED || found.length >= limit) return { attempts: found, next: newest.place, scanned };
    const block = await newest.reader.take();
    if (!block) continue;
    const taken = takeRows(block, { filter, after, room: limit - found.length });
    found.push(...taken.attempts);
    scanned += taken.scanned;
    if (taken.next) return { attempts: found, next: taken.next, scanned };
  }
}

/** The block that comes next over all readers; where a reader was broken off nothing may be passed. */
async function newestOf(readers: readonly BlockReader[]) {
  const heads: { reader: BlockReader; place: AttemptPlace; isBrokenOff: boolean }[] = [];
  for (const reader of readers) {
    const { kind } = reader;
    const blockId = await reader.peek();
    const brokenOffAt = reader.brokenOffAt();
    if (blockId !== undefined) heads.push({ reader, place: { blockId, kind, row: WHOLE_BLOCK }, isBrokenOff: false });
    else if (brokenOffAt !== undefined) {
      heads.push({ reader, place: { blockId: brokenOffAt, kind, row: 0 }, isBrokenOff: true });
    }
  }
  return heads.sort((left, right) => compareBlocks(left.place, right.place))[0];
}

function takeRows(
  { kind, blockId, rows }: KeptBlock,
  { filter, after, room }: { filter: AttemptFilter; after: AttemptPlace | undefined; room: number },
) {
  const isCut = after?.blockId === blockId && after.kind === kind;
  const attempts: KeptAttempt[] = [];
  const start = isCut ? Math.min(after.row, rows.length) : rows.length;
  for (let row = start - 1; row >= 0; row--) {
    const attempt = unpackAttempt(rows[row] as string);
    if (attempt && fits(attempt, filter)) attempts.push(attempt);
    if (attempts.length === room && row > 0) {
      return { attempts, scanned: start - row, next: { kind, blockId, row } satisfies AttemptPlace };
    }
  }
  return { attempts, scanned: start, next: undefined };
}

function tokensOf({ id, reference }: AttemptFilter): readonly string[] | undefined {
  if (id !== undefined) return indexTokens({ id });
  return reference === undefined ? undefined : indexTokens({ reference });
}

/** No attempt of a postback is older than its acceptance. */
function untilOf({ id }: AttemptFilter): string {
  return id === undefined ? '-' : String(acceptedAt(id));
}
