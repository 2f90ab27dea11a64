/**
 * The attempts that have come since the last look, for all who watch together. What one look reads is bounded: when more has come, it is
 * the newest that are shown, and the rest is found by searching.
 */
import type { Attempts } from '@postback/core/queue/attempts';
import { unpackAttempt, type KeptAttempt } from '@postback/core/queue/keptAttempt';
import { ATTEMPT_KINDS, type AttemptKind } from '@postback/core/queue/keys';

export interface Tail {
  /** From the next look on, only what comes later. */
  reset(): void;
  /** Newest first. `enough`: so many rows of each kind are read, about. */
  next(enough: number): Promise<KeptAttempt[]>;
}

/** Blocks are written every few milliseconds. */
const MAX_BLOCKS = 500;
/** Blocks per call: up to 64 KiB each. */
const READ_AHEAD = 20;

export function createTail(attempts: Pick<Attempts, 'search' | 'read'>): Tail {
  const seen = new Map<AttemptKind, string>();

  async function newIn(kind: AttemptKind, enough: number): Promise<KeptAttempt[]> {
    const last = seen.get(kind);
    const span = {
      from: '+',
      until: last === undefined ? '-' : `(${last}`,
      count: last === undefined ? 1 : MAX_BLOCKS,
    };
    const { blockIds } = await attempts.search({ kind, ...span });
    seen.set(kind, blockIds[0] ?? last ?? '0-0');
    return last === undefined ? [] : readRows(kind, blockIds, enough);
  }

  async function readRows(kind: AttemptKind, blockIds: readonly string[], enough: number): Promise<KeptAttempt[]> {
    const found: KeptAttempt[] = [];
    for (let at = 0; at < blockIds.length && found.length < enough; at += READ_AHEAD) {
      const blocks = await attempts.read(kind, blockIds.slice(at, at + READ_AHEAD));
      const rows = blocks.flatMap((block) => block.rows.toReversed());
      found.push(...rows.map(unpackAttempt).filter((attempt) => attempt !== undefined));
    }
    return found;
  }

  return {
    reset: () => seen.clear(),
    next: async (enough) => {
      const found = await Promise.all(ATTEMPT_KINDS.map((kind) => newIn(kind, enough)));
      return found.flat().sort((left, right) => right.endedAt - left.endedAt);
    },
  };
}
