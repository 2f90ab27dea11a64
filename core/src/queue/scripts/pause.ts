/**
 * Pausing delivery in the whole installation: nothing is read from the queue, what is accepted waits. Who paused it stands with
 * it; past pauses are kept so that a postback's time to live can leave them out.
 */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

/** `operator`: by hand; `restore`: the data came from a backup; `poison`: too many entries ended their workers. */
export type PausedBy = 'operator' | 'restore' | 'poison';

export interface PauseRequest {
  readonly by: PausedBy;
  /** For a person to read. */
  readonly reason: string;
}

export interface Pause extends PauseRequest {
  /** When it began, ms, by Redis's clock. */
  readonly since: number;
  /** The version that it is meant for: a poison pause ends with the next one. */
  readonly version: string;
}

export interface Pauses {
  /** `undefined` while delivery runs. */
  readonly current: Pause | undefined;
  /** Start and end in ms, the newest first. */
  readonly past: readonly (readonly [start: number, end: number])[];
}

/** As many past pauses are kept: more than anyone makes within a postback's time to live. */
const KEPT = 1_000;

// KEYS 1 pause
// ARGV 1 by, 2 reason, 3 version, 4 channel
// Returns 1, or 0 when delivery was paused already. The HDEL deletes nothing: with a first write that Redis does not refuse when
// memory is full, the others work too.
const pauseScript = defineScript(
  'pause',
  `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local now = redis.call('TIME')
local since = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('HDEL', KEYS[1], 'since')
redis.call('HSET', KEYS[1], 'since', since, 'by', ARGV[1], 'reason', ARGV[2], 'version', ARGV[3])
redis.call('PUBLISH', ARGV[4], '1')
return 1
`,
);

// KEYS 1 pause, 2 past pauses, 3 recent poison
// ARGV 1 channel, 2 how many pauses are kept
// Returns 1, or 0 when delivery was not paused; it is announced in any case, because a worker may have paused itself. What counted towards the poison limit is forgotten. DEL comes first, so that
// it works when memory is full.
const resumeScript = defineScript(
  'resume',
  `
redis.call('PUBLISH', ARGV[1], '0')
local since = redis.call('HGET', KEYS[1], 'since')
if not since then return 0 end
local now = redis.call('TIME')
redis.call('DEL', KEYS[1], KEYS[3])
redis.call('LPUSH', KEYS[2], string.format('%.0f %.0f', since, now[1] * 1000 + math.floor(now[2] / 1000)))
redis.call('LTRIM', KEYS[2], 0, ARGV[2] - 1)
return 1
`,
);

// KEYS 1 pause, 2 past pauses
// Returns {fields and values of the pause, past pauses}, of one moment. Reads only.
const readScript = defineScript(
  'readPauses',
  `return {redis.call('HGETALL', KEYS[1]), redis.call('LRANGE', KEYS[2], 0, -1)}`,
);

export async function pause(
  redis: RedisSender,
  keys: QueueKeys,
  { by, reason, version = '' }: PauseRequest & { readonly version?: string },
): Promise<boolean> {
  return (await runScript(redis, pauseScript, [keys.pause], [by, reason, version, keys.pauseChanged])) === 1;
}

export async function resume(redis: RedisSender, keys: QueueKeys): Promise<boolean> {
  const names = [keys.pause, keys.pauses, keys.poison];
  return (await runScript(redis, resumeScript, names, [keys.pauseChanged, String(KEPT)])) === 1;
}

export async function readPauses(redis: RedisSender, keys: QueueKeys): Promise<Pauses> {
  const reply = await runScript(redis, readScript, [keys.pause, keys.pauses], []);
  const [fields, past] = reply as [string[], string[]];
  return { current: parsePause(fields), past: past.map(parsePeriod) };
}

/**
 * How long delivery was paused between two moments, ms: what a postback's age is reduced by before it is held against its time
 * to live. A pause that has not ended counts up to `until`.
 */
export function pausedMsBetween({ current, past }: Pauses, from: number, until: number): number {
  const periods = current ? [[current.since, until] as const, ...past] : past;
  return periods.reduce((sum, [start, end]) => sum + Math.max(0, Math.min(end, until) - Math.max(start, from)), 0);
}

function parsePause(fields: readonly string[]): Pause | undefined {
  const byName = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) byName.set(fields[i] as string, fields[i + 1] as string);
  const since = byName.get('since');
  if (since === undefined) return undefined;
  const text = (name: string) => byName.get(name) ?? '';
  return { since: Number(since), by: text('by') as PausedBy, reason: text('reason'), version: text('version') };
}

function parsePeriod(line: string): readonly [number, number] {
  const [start = 0, end = 0] = line.split(' ').map(Number);
  return [start, end];
}
