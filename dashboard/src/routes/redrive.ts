/** /api/redrive: jobs that send many dead letters again. */
import type { Clock } from '@postback/core/clock';
import { Problem } from '@postback/core/problem';
import type { DeadLetters, RedriveJobs } from '@postback/core/queue/deadLetters';
import { compileEndpoint } from '@postback/core/template/compileEndpoint';
import express, { type Request, type Response, type Router } from 'express';
import { audit } from '../audit.js';
import { createRedriveJob, readRedriveJobs, type RedriveJob, type RedriveSpec } from '../dead/redriveJob.js';
import type { Replacement } from '../dead/replacement.js';
import { requireChoice } from './dead.js';
import { FILTER_MEMBERS, inputOf, isPostbackId, readFilter, readJson, type Members } from './input.js';
import { readReplacement, REPLACEMENT_MEMBERS } from './replacementInput.js';

export interface RedriveDeps {
  readonly dead: DeadLetters;
  readonly jobs: RedriveJobs;
  readonly clock: Clock;
  /** Says that there is a new job. */
  readonly wakeRedriver: () => void;
}

const MAX_IDS = 1_000;
const MEMBERS = [...FILTER_MEMBERS, ...REPLACEMENT_MEMBERS, 'ids', 'all', 'perSecond'];
const DEFAULT_PER_SECOND = 100;

export function redriveRouter(deps: RedriveDeps): Router {
  const router = express.Router();
  router.post('/redrive', ...readJson, async (request, response) => {
    const spec = readSpec(request, deps.clock.now());
    const job = await createRedriveJob(spec, deps);
    deps.wakeRedriver();
    const { filter, ids, perSecond } = spec;
    const about = { job: job.id, candidates: job.spec.candidates, filter, ids: ids?.length, per_second: perSecond };
    audit(response, 'redrive', { ...about, replaced: Object.keys(spec.replacement) });
    response.status(202).location(`/api/redrive/${job.id}`).json(show(job));
  });
  router.get('/redrive', async (_request, response) => {
    const jobs = await readRedriveJobs(deps.jobs);
    response.json({ jobs: jobs.reverse().map(show) });
  });
  router.get('/redrive/:job', async (request, response) => {
    response.json(show(await findJob(request.params.job, deps)));
  });
  router.delete('/redrive/:job', (request, response) => stop(request.params.job, response, deps));
  return router;
}

function readSpec(request: Request, now: number): RedriveSpec {
  const input = inputOf(request.body as Members, MEMBERS);
  const filter = readFilter(input, now);
  const replacement = readReplacement(input);
  const isAll = input.flag('all');
  const perSecond = input.whole('perSecond', { min: 1, max: 1_000 }) ?? DEFAULT_PER_SECOND;
  const ids = input.other('ids', `a list of 1 to ${MAX_IDS} postback ids`, (value) => {
    const isList = Array.isArray(value) && value.length > 0 && value.length <= MAX_IDS && value.every(isPostbackId);
    return isList ? [...new Set(value)] : undefined;
  });
  input.end();
  if (ids && Object.keys(filter).length > 0) {
    throw new Problem('invalid-request', { detail: 'expected ids or a filter, not both' });
  }
  requireChoice(ids !== undefined || Object.keys(filter).length > 0, isAll);
  checkReplacement(replacement);
  return { ...(ids ? { ids } : {}), filter, replacement, perSecond };
}

/** What is wrong whatever the letter is said at once, not by each letter. */
function checkReplacement({ url = 'http://any.example/', headers = {} }: Replacement): void {
  const settings = { defaultValue: '', maxUrlBytes: 8 * 1024 };
  const compiled = compileEndpoint(JSON.stringify({ method: 'GET', url, headers }), settings);
  if (compiled.kind === 'ok') return;
  const errors = compiled.faults.map(({ pointer, detail }) => ({
    pointer: pointer.replace(/^\/endpoint/, ''),
    detail,
  }));
  throw new Problem('invalid-request', { detail: `${errors[0]?.pointer}: ${errors[0]?.detail}`, errors });
}

/** What was redriven stays redriven. */
async function stop(id: string, response: Response, deps: RedriveDeps): Promise<void> {
  const job = await findJob(id, deps);
  await deps.jobs.save({ id, state: 'cancelled', progress: JSON.stringify(job.progress) });
  audit(response, 'redrive_stop', { job: id, redriven: job.progress.redriven });
  response.json(show(await findJob(id, deps)));
}

async function findJob(id: string, { jobs }: RedriveDeps): Promise<RedriveJob> {
  const job = (await readRedriveJobs(jobs)).find((candidate) => candidate.id === id);
  if (!job) throw new Problem('not-found', { detail: `there is no redrive job ${id.slice(0, 64)}` });
  return job;
}

function show({ id, state, spec, progress }: RedriveJob) {
  const { createdAt, candidates, perSecond } = spec;
  const { scanned, redriven, gone, failed, failures } = progress;
  const about = { job: id, state, createdAt: new Date(createdAt).toISOString(), perSecond, candidates };
  return { ...about, scanned, redriven, gone, failed, failures };
}
