/**
 * Keeps attempts so that they can be looked up, many at once and behind everybody else: nothing waits for it, and what Redis does not
 * take (its memory is full, it is away for long) is dropped and counted, never sent again. What it holds when it dies is missing on
 * the dashboard, nowhere else.
 */
import type { Clock } from '@postback/core/clock';
import type { Logger } from '@postback/core/logger';
import type { Attempts } from '@postback/core/queue/attempts';
import { ATTEMPT_KINDS, type AttemptKind } from '@postback/core/queue/keys';
import { indexOf, kindOf, packAttempt, type KeptAttempt } from '@postback/core/queue/keptAttempt';
import type { AttemptBlock, AttemptLimits } from '@postback/core/queue/scripts/keepAttempts';

export interface AttemptKeeper {
  keep(attempt: KeptAttempt): void;
  /** Sends what has been gathered; its commands are written before any that are sent later. */
  readonly flush: () => void;
  /** Attempts that were not kept although they should have been. */
  dropped(): number;
}

interface KeeperDeps {
  readonly attempts: Pick<Attempts, 'keep'>;
  readonly limits: () => AttemptLimits;
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly gatherMs?: number;
}

/** Failures wait for others so long; a delivery is flushed by its settle, which comes sooner. */
const GATHER_MS = 100;
/** A block is read and erased as a whole, so it stays small. */
const BLOCK_ROWS = 100;
const BLOCK_CHARACTERS = 64 * 1024;
/** Memory that is just full lets some through: it is over when nothing was dropped for so long. */
const QUIET_MS = 5_000;
/** Attempts that Redis has not confirmed: beyond, it is away or too slow, and they are dropped. */
const UNCONFIRMED_LIMIT = 5_000;

interface Gathered {
  count: number;
  index: string;
  rows: string;
}

export function createAttemptKeeper(deps: KeeperDeps): AttemptKeeper {
  const { attempts, limits, logger, clock, gatherMs = GATHER_MS } = deps;
  const gathered: Record<AttemptKind, Gathered> = { failed: empty(), delivered: empty() };
  let full: AttemptBlock[] = [];
  let unconfirmed = 0;
  let dropped = 0;
  /** While attempts are being dropped: how many had been before, and when the last one was. */
  let dropping: { readonly before: number; lastAt: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  function drop(count: number, reason: string): void {
    const lastAt = clock.monotonic();
    if (dropping) dropping.lastAt = lastAt;
    else {
      dropping = { before: dropped, lastAt };
      logger.warn('attempts.dropping', { reason, detail: 'they are in this log, but cannot be looked up' });
    }
    dropped += count;
  }

  function confirm(): void {
    if (!dropping || clock.monotonic() - dropping.lastAt < QUIET_MS) return;
    logger.info('attempts.kept_again', { dropped: dropped - dropping.before });
    dropping = undefined;
  }

  function close(kind: AttemptKind): void {
    const { count, index, rows } = gathered[kind];
    if (count > 0) full.push({ kind, count, index: `${index},`, rows });
    gathered[kind] = empty();
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    ATTEMPT_KINDS.forEach(close);
    if (full.length === 0) return;
    const blocks = full;
    const count = blocks.reduce((sum, block) => sum + block.count, 0);
    full = [];
    attempts
      .keep(blocks, limits())
      .then(confirm, (error: Error) => drop(count, error.message))
      .finally(() => (unconfirmed -= count));
  }

  return {
    keep: (attempt) => {
      const kind = kindOf(attempt);
      if (limits().count[kind] === 0) return;
      if (unconfirmed >= UNCONFIRMED_LIMIT) return drop(1, 'Redis does not answer');
      unconfirmed++;
      const row = packAttempt(attempt);
      const into = gathered[kind];
      into.index += indexOf(attempt);
      into.rows += into.count === 0 ? row : `\n${row}`;
      if (++into.count >= BLOCK_ROWS || into.rows.length >= BLOCK_CHARACTERS) close(kind);
      timer ??= setTimeout(flush, gatherMs).unref();
    },
    flush,
    dropped: () => dropped,
  };
}

function empty(): Gathered {
  return { count: 0, index: '', rows: '' };
}
