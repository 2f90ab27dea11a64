/** A redrive job as it is stored: what to do, and how far it is. */
import { randomBytes } from 'node:crypto';
import type { DeadLetters, RedriveJobs } from '@postback/core/queue/deadLetters';
import type { DeadPlace } from '@postback/core/queue/scripts/readDead';
import type { JobState } from '@postback/core/queue/scripts/redriveJobs';
import type { DeadFilter } from './filter.js';
import type { Replacement } from './replacement.js';

export interface RedriveSpec {
  /** These letters; otherwise those that the filter fits. */
  readonly ids?: readonly string[];
  readonly filter: DeadFilter;
  readonly replacement: Replacement;
  readonly perSecond: number;
}

interface Stamped extends RedriveSpec {
  readonly createdAt: number;
  /** How many letters it will look at, at most. */
  readonly candidates: number;
}

export interface Progress {
  /** How many it has looked at. */
  readonly scanned: number;
  readonly redriven: number;
  /** Letters named by id that were no longer there, and letters that somebody else moved first. */
  readonly gone: number;
  readonly failed: number;
  /** The first few that failed. */
  readonly failures: readonly { readonly id: string; readonly detail: string }[];
  /** Where the search goes on. */
  readonly after?: DeadPlace | undefined;
}

export interface RedriveJob {
  readonly id: string;
  readonly state: JobState;
  readonly spec: Stamped;
  readonly progress: Progress;
}

const FRESH: Progress = { scanned: 0, redriven: 0, gone: 0, failed: 0, failures: [] };
/** Ended jobs that can still be looked at. */
const KEPT = 20;

interface JobDeps {
  readonly dead: DeadLetters;
  readonly jobs: RedriveJobs;
}

/** The filter ends at this moment: a letter that is redriven and dies again is not redriven by the same job. */
export async function createRedriveJob(spec: RedriveSpec, { dead, jobs }: JobDeps): Promise<RedriveJob> {
  const createdAt = await dead.now();
  const filter = { ...spec.filter, to: Math.min(spec.filter.to ?? createdAt, createdAt) };
  const candidates = spec.ids ? spec.ids.length : await dead.count(filter.from ?? 0, filter.to);
  const id = `${createdAt.toString(36)}${randomBytes(4).toString('hex')}`; // ids sort by age
  const stamped = { ...spec, filter, createdAt, candidates };
  await forgetEnded(jobs);
  await jobs.create({ id, state: 'running', spec: JSON.stringify(stamped), progress: JSON.stringify(FRESH) });
  return { id, state: 'running', spec: stamped, progress: FRESH };
}

/** Oldest first. */
export async function readRedriveJobs(jobs: RedriveJobs): Promise<RedriveJob[]> {
  const stored = await jobs.list();
  return stored
    .map(({ id, state, spec, progress }) => ({
      id,
      state,
      spec: JSON.parse(spec) as Stamped,
      progress: JSON.parse(progress) as Progress,
    }))
    .sort((left, right) => (left.id < right.id ? -1 : 1));
}

async function forgetEnded(jobs: RedriveJobs): Promise<void> {
  const ended = (await readRedriveJobs(jobs)).filter(({ state }) => state !== 'running');
  await jobs.forget(ended.slice(0, -KEPT).map(({ id }) => id));
}
