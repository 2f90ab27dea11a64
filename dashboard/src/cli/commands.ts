/** The operator's commands: each asks the API and prints what it says, one line per thing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError, type Api } from './api.js';
import { FILTER_OPTIONS, filterOf, headersOf, readOptions, type Options } from './options.js';

export interface CommandDeps {
  readonly api: Api;
  readonly print: (line: string) => void;
  /** How long to wait between two looks at a job. */
  readonly followMs: number;
}

export type Command = (args: readonly string[], deps: CommandDeps) => Promise<void>;

interface Summary {
  readonly id: string;
  readonly reason: string;
  readonly detail: string;
  readonly diedAt: string;
  readonly method?: string;
  readonly url?: string;
}

interface Page {
  readonly letters: readonly Summary[];
  readonly next: string | null;
}

const DEFAULT_LIMIT = 20;
const PAGE = 500;

/** dead [ID]: one letter with all there is to know, or the newest that fit. */
export const dead: Command = async (args, deps) => {
  const { values, positionals } = readOptions(args, [...FILTER_OPTIONS, 'limit', 'json']);
  const [id] = positionals;
  if (id !== undefined) return deps.print(toText(await deps.api.get(`/api/dead/${encodeURIComponent(id)}`)));
  const limit = Number(values.limit ?? DEFAULT_LIMIT);
  if (!(Number.isInteger(limit) && limit > 0)) throw new CommandError('expected --limit to be a whole number');
  const shown = await list(values, limit, deps);
  if (shown === 0 && !values.json) deps.print('no dead letter fits');
};

async function list(values: Options, limit: number, { api, print }: CommandDeps): Promise<number> {
  const query = new URLSearchParams(filterOf(values) as Record<string, string>);
  let shown = 0;
  for (let next: string | null = ''; next !== null && shown < limit;) {
    query.set('limit', String(Math.min(PAGE, limit - shown)));
    if (next !== '') query.set('cursor', next);
    const page: Page = await api.get<Page>(`/api/dead?${query.toString()}`);
    for (const letter of page.letters) print(values.json ? JSON.stringify(letter) : lineOf(letter));
    shown += page.letters.length;
    next = page.next;
    if (next !== null && shown >= limit && !values.json) print(`... there may be more: --limit ${limit * 2}`);
  }
  return shown;
}

function lineOf({ id, diedAt, reason, detail, method = '?', url = '?' }: Summary): string {
  return [diedAt, id, reason, detail, method, url].join('  ');
}

interface Job {
  readonly job: string;
  readonly state: string;
  readonly redriven: number;
  readonly candidates: number;
  readonly scanned: number;
  readonly gone: number;
  readonly failed: number;
  readonly failures: readonly { readonly id: string; readonly detail: string }[];
}

/** redrive: starts a job and follows it; --status and --stop look after jobs that run. */
export const redrive: Command = async (args, deps) => {
  const own = ['all', 'url', 'header', 'per-second', 'no-wait', 'status', 'stop'];
  const { values, positionals } = readOptions(args, [...FILTER_OPTIONS, ...own]);
  if (values.stop !== undefined) return printJob(await deps.api.remove(jobPath(values.stop)), deps);
  if (values.status) {
    const { jobs } = await deps.api.get<{ jobs: Job[] }>('/api/redrive');
    if (jobs.length === 0) deps.print('no redrive job');
    return jobs.forEach((job) => printJob(job, deps));
  }
  const headers = headersOf(values.header);
  const job = await deps.api.post<Job>('/api/redrive', {
    ...filterOf(values),
    ...(positionals.length > 0 ? { ids: positionals } : {}),
    ...(values.url === undefined ? {} : { url: values.url }),
    ...(headers ? { headers } : {}),
    ...(values['per-second'] === undefined ? {} : { perSecond: Number(values['per-second']) }),
  });
  deps.print(`redrive job ${job.job}; to stop it: make redrive ARGS="--stop ${job.job}"`);
  if (!values['no-wait']) await follow(job, deps);
};

/** An interrupted command does not stop the job. */
async function follow(started: Job, deps: CommandDeps): Promise<void> {
  let job = started;
  while (job.state === 'running') {
    await sleep(deps.followMs);
    job = await deps.api.get<Job>(jobPath(job.job));
    printJob(job, deps);
  }
  for (const { id, detail } of job.failures) deps.print(`${id} was not sent again: ${detail}`);
}

function printJob({ job, state, redriven, scanned, candidates, gone, failed }: Job, { print }: CommandDeps): void {
  const others = `${gone} gone, ${failed} failed`;
  print(`${job} ${state}: ${redriven} redriven, ${others}, ${scanned} of at most ${candidates} looked at`);
}

function jobPath(job: string): string {
  return `/api/redrive/${encodeURIComponent(job)}`;
}

/** purge ID… or by filter. */
export const purge: Command = async (args, { api, print }) => {
  const { values, positionals } = readOptions(args, [...FILTER_OPTIONS, 'all']);
  for (const id of positionals) await api.remove(`/api/dead/${encodeURIComponent(id)}`);
  let purged = positionals.length;
  const filter = filterOf(values);
  const isByFilter = positionals.length === 0 || Object.keys(filter).length > 0;
  for (let cursor: string | null = isByFilter ? '' : null; cursor !== null;) {
    const step: { purged: number; next: string | null } = await api.post('/api/purge', withCursor(filter, cursor));
    purged += step.purged;
    cursor = step.next;
  }
  print(`${purged} purged`);
};

/** cancel ID…, or --destination for all that wait for it. */
export const cancel: Command = async (args, { api, print }) => {
  const { values, positionals } = readOptions(args, ['destination']);
  if (positionals.length === 0 && values.destination === undefined) {
    throw new CommandError('expected postback ids, or --destination https://partner.example');
  }
  for (const id of positionals) {
    await api.remove(`/api/postbacks/${encodeURIComponent(id)}`);
    print(`${id} cancelled`);
  }
  if (values.destination === undefined) return;
  const path = `/api/destinations/${encodeURIComponent(values.destination)}/cancel`;
  let cancelled = 0;
  for (let cursor: string | null = ''; cursor !== null;) {
    const step: { cancelled: number; next: string | null } = await api.post(path, withCursor({}, cursor));
    cancelled += step.cancelled;
    cursor = step.next;
  }
  print(`${cancelled} cancelled`);
};

/** archive: its files; --import brings the letters of one back. */
export const archive: Command = async (args, { api, print }) => {
  const { values } = readOptions(args, ['import']);
  if (values.import === undefined) {
    const { files } = await api.get<{ files: { name: string; bytes: number }[] }>('/api/archive');
    if (files.length === 0) print('no archive file (DEAD_ARCHIVE)');
    return files.forEach(({ name, bytes }) => print(`${name}  ${bytes} bytes`));
  }
  const path = `/api/archive/${encodeURIComponent(values.import)}/import`;
  const { imported, skipped } = await api.post<{ imported: number; skipped: number }>(path, {});
  print(`${imported} imported, ${skipped} were there already`);
};

function withCursor(body: Record<string, unknown>, cursor: string): Record<string, unknown> {
  return cursor === '' ? body : { ...body, cursor };
}

function toText(letter: Record<string, unknown>): string {
  return JSON.stringify(letter, null, 2);
}
