/** The redrive jobs: what each is to do, whether it runs, how far it is. They outlive the service that carries them out. */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

export const JOB_STATES = ['running', 'done', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** `spec` and `progress` are JSON texts of whoever runs the jobs. */
export interface StoredJob {
  readonly id: string;
  readonly spec: string;
  readonly state: JobState;
  readonly progress: string;
}

// KEYS 1 jobs
// ARGV 1 job id, 2 progress, 3 state
// Returns 1 when saved, 0 when the job does not run any more: a cancel is not overwritten. HDEL comes before HSET, so it works
// when memory is full.
const saveScript = defineScript(
  'saveRedriveJob',
  `
if redis.call('HGET', KEYS[1], ARGV[1] .. ':state') ~= 'running' then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1] .. ':progress', ARGV[1] .. ':state')
redis.call('HSET', KEYS[1], ARGV[1] .. ':progress', ARGV[2], ARGV[1] .. ':state', ARGV[3])
return 1
`,
);

export async function createJob(redis: RedisSender, keys: QueueKeys, job: StoredJob): Promise<void> {
  const { id, spec, state, progress } = job;
  const fields = [`${id}:spec`, spec, `${id}:state`, state, `${id}:progress`, progress];
  await redis.send(keys.redriveJobs, ['HSET', keys.redriveJobs, ...fields]);
}

/** False when the job was not running any more: then nothing was saved. */
export async function saveJob(redis: RedisSender, keys: QueueKeys, job: Omit<StoredJob, 'spec'>): Promise<boolean> {
  const args = [job.id, job.progress, job.state];
  return (await runScript(redis, saveScript, [keys.redriveJobs], args)) === 1;
}

/** All of them: few, because ended ones are forgotten after a while. */
export async function readJobs(redis: RedisSender, keys: QueueKeys): Promise<StoredJob[]> {
  const flat = (await redis.send(keys.redriveJobs, ['HGETALL', keys.redriveJobs])) as string[];
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i] as string, flat[i + 1] as string);
  const ids = [...fields.keys()].filter((name) => name.endsWith(':spec')).map((name) => name.slice(0, -':spec'.length));
  return ids.map((id) => ({
    id,
    spec: fields.get(`${id}:spec`) ?? '{}',
    state: fields.get(`${id}:state`) as JobState,
    progress: fields.get(`${id}:progress`) ?? '{}',
  }));
}

export async function forgetJobs(redis: RedisSender, keys: QueueKeys, ids: readonly string[]): Promise<void> {
  const fields = ids.flatMap((id) => [`${id}:spec`, `${id}:state`, `${id}:progress`]);
  if (fields.length > 0) await redis.send(keys.redriveJobs, ['HDEL', keys.redriveJobs, ...fields]);
}
