/**
 * Carries out redrive jobs, the oldest first, at the pace each asks for. Where a job is stands in Redis: whoever starts after a
 * crash goes on from there, and what was redriven since the last note is found gone, never sent twice. If nobody runs it, the
 * jobs wait.
 */
import type { Clock } from '@postback/core/clock';
import { createLoop, type Loop } from '@postback/core/loop';
import type { Logger } from '@postback/core/logger';
import type { BuriedLetter } from '@postback/core/queue/deadLetter';
import type { DeadLetters, RedriveJobs } from '@postback/core/queue/deadLetters';
import { isPassing } from '@postback/core/redis';
import { readRedriveJobs, type Progress, type RedriveJob } from './redriveJob.js';
import { replaceEndpoint } from './replacement.js';
import { searchDead } from './search.js';

export interface RedriverDeps {
  readonly dead: DeadLetters;
  readonly jobs: RedriveJobs;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Jobs wake the loop that made them; this is for those of another process. */
const IDLE_MS = 5_000;
const RETRY_MS = 1_000;
const ROUNDS_PER_SECOND = 4;
const MAX_BATCH = 250;
const MAX_FAILURES = 20;

export function createRedriver(deps: RedriverDeps): Loop {
  return createLoop(async () => {
    try {
      return await runRound(deps);
    } catch (error) {
      if (!isPassing(error)) throw error;
      deps.logger.debug('redrive.waiting', { error });
      return RETRY_MS;
    }
  });
}

/** One batch of the oldest job; returns how long to wait before the next, in ms. */
export async function runRound(deps: RedriverDeps): Promise<number> {
  const startedAt = deps.clock.monotonic();
  const job = (await readRedriveJobs(deps.jobs)).find(({ state }) => state === 'running');
  if (!job) return IDLE_MS;
  const { batch, intervalMs } = paceOf(job.spec.perSecond);
  const { letters, progress, isLast } = await nextLetters(job, batch, deps.dead);
  const after = await redriveAll(letters, job, progress, deps.dead);
  const state = isLast ? 'done' : 'running';
  const isSaved = await deps.jobs.save({ id: job.id, state, progress: JSON.stringify(after) });
  if (isSaved && isLast)
    deps.logger.info('redrive.done', { job: job.id, redriven: after.redriven, failed: after.failed });
  if (isLast || letters.length === 0) return 0;
  return Math.max(0, intervalMs * (letters.length / batch) - (deps.clock.monotonic() - startedAt));
}

/** Few at once several times a second, one at a time when it is to be slow. */
export function paceOf(perSecond: number): { batch: number; intervalMs: number } {
  const batch = Math.min(MAX_BATCH, Math.max(1, Math.floor(perSecond / ROUNDS_PER_SECOND)));
  return { batch, intervalMs: (batch / perSecond) * 1_000 };
}

interface Next {
  readonly letters: readonly BuriedLetter[];
  readonly progress: Progress;
  readonly isLast: boolean;
}

async function nextLetters({ spec, progress }: RedriveJob, batch: number, dead: DeadLetters): Promise<Next> {
  if (!spec.ids) {
    const { filter } = spec;
    const found = await searchDead(dead, { filter, order: 'oldest', limit: batch, after: progress.after });
    const scanned = progress.scanned + found.scanned;
    return {
      letters: found.letters,
      progress: { ...progress, scanned, after: found.next ?? progress.after },
      isLast: found.next === undefined,
    };
  }
  const ids = spec.ids.slice(progress.scanned, progress.scanned + batch);
  const found = await Promise.all(ids.map((id) => dead.find(id)));
  const letters = found.filter((letter) => letter !== undefined && letter.diedAt <= (spec.filter.to ?? Infinity));
  const scanned = progress.scanned + ids.length;
  const gone = progress.gone + ids.length - letters.length;
  return {
    letters: letters as BuriedLetter[],
    progress: { ...progress, scanned, gone },
    isLast: scanned >= spec.ids.length,
  };
}

async function redriveAll(
  letters: readonly BuriedLetter[],
  { spec }: RedriveJob,
  progress: Progress,
  dead: DeadLetters,
): Promise<Progress> {
  if (letters.length === 0) return progress;
  const at = await dead.now();
  const failures: { id: string; detail: string }[] = [];
  const moved = await Promise.all(
    letters.map(async (buried) => {
      const endpoint = replaceEndpoint(buried.letter, spec.replacement);
      if (endpoint.kind === 'ok') return dead.redrive(buried, { endpointJson: endpoint.endpointJson, at });
      const detail =
        endpoint.kind === 'lost' ? endpoint.detail : endpoint.faults.map((fault) => fault.detail).join('; ');
      failures.push({ id: buried.letter.id, detail });
      return undefined;
    }),
  );
  return {
    ...progress,
    redriven: progress.redriven + moved.filter((isMoved) => isMoved === true).length,
    gone: progress.gone + moved.filter((isMoved) => isMoved === false).length,
    failed: progress.failed + failures.length,
    failures: [...progress.failures, ...failures].slice(0, MAX_FAILURES),
  };
}
