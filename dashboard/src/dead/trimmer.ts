/**
 * Keeps the dead letters within DEAD_MAX_AGE and DEAD_MAX_COUNT. What goes is written to the archive first, if there is one; while that
 * fails, nothing goes. If nobody runs it, the letters stay.
 */
import { createLoop, type Loop } from '@postback/core/loop';
import type { Logger } from '@postback/core/logger';
import type { DeadLetters } from '@postback/core/queue/deadLetters';
import type { DeadLimits } from '@postback/core/queue/scripts/overdueDead';
import { isPassing } from '@postback/core/redis';
import type { Archive } from './archive.js';

export interface TrimmerDeps {
  readonly dead: DeadLetters;
  readonly limits: DeadLimits;
  readonly archive: Archive | undefined;
  readonly logger: Logger;
}

const PERIOD_MS = 10_000;
/** One script moves no more at once, so that Redis serves others in between. */
const BATCH = 200;

export function createTrimmer(deps: TrimmerDeps): Loop {
  return createLoop(async () => {
    try {
      const trimmed = await trimOnce(deps);
      return trimmed === 0 ? PERIOD_MS : 0;
    } catch (error) {
      deps.logger[isFileError(error) || !isPassing(error) ? 'error' : 'debug']('dead.trim_failed', { error });
      return PERIOD_MS;
    }
  });
}

/** Returns how many letters went. */
export async function trimOnce({ dead, limits, archive, logger }: TrimmerDeps): Promise<number> {
  const letters = await dead.read(await dead.overdue(limits, BATCH));
  if (letters.length === 0) return 0;
  await archive?.append(letters);
  const trimmed = await dead.discard(letters, 'trimmed');
  logger.info('dead.trimmed', { count: trimmed, archived: archive !== undefined });
  return trimmed;
}

function isFileError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException | undefined)?.path === 'string' || hasCode(error, 'ENOSPC');
}

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === code;
}
