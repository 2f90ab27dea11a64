/** Reading statistics: bounded by how many minutes there are, whatever the load was. */
import { addTally, type Tally } from '../../stats/tally.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import type { WorkerBeat } from './recordStats.js';

export interface RecentSecond {
  /** Since the epoch. */
  readonly second: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly failed: number;
  readonly dead: number;
}

export interface SeenWorker extends WorkerBeat {
  /** ms since the epoch, by Redis's clock */
  readonly seenAt: number;
}

export async function readMinutes(
  redis: RedisSender,
  keys: QueueKeys,
  first: number,
  last: number,
): Promise<(Tally | undefined)[]> {
  const names = minutesBetween(first, last).map((minute) => keys.statsOf(minute));
  const lines = (await redis.send(keys.statsRecent, ['MGET', ...names])) as (string | null)[];
  return lines.map((line) => (line === null ? undefined : parse(line)));
}

export async function readDestinationMinutes(
  redis: RedisSender,
  keys: QueueKeys,
  first: number,
  last: number,
): Promise<Map<string, Tally>> {
  const names = minutesBetween(first, last).map((minute) => keys.statsTo(minute));
  const minutes = (await Promise.all(names.map((name) => redis.send(name, ['HGETALL', name])))) as string[][];
  const found = new Map<string, Map<string, number>>();
  for (const flat of minutes) {
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const [destination, line] = [flat[i] as string, flat[i + 1] as string];
      const tally = found.get(destination) ?? new Map<string, number>();
      addTally(tally, line);
      found.set(destination, tally);
    }
  }
  return found;
}

export async function readRecent(redis: RedisSender, keys: QueueKeys): Promise<RecentSecond[]> {
  const flat = (await redis.send(keys.statsRecent, ['HVALS', keys.statsRecent])) as string[];
  return flat.map((line) => {
    const [second = 0, accepted = 0, delivered = 0, failed = 0, dead = 0] = line.split(' ').map(Number);
    return { second, accepted, delivered, failed, dead };
  });
}

export async function readWorkers(redis: RedisSender, keys: QueueKeys): Promise<SeenWorker[]> {
  const flat = (await redis.send(keys.workers, ['HGETALL', keys.workers])) as string[];
  return Array.from({ length: flat.length / 2 }, (_, index) => {
    const said = flat[2 * index + 1] as string;
    const space = said.indexOf(' ');
    const about = JSON.parse(said.slice(space + 1)) as Omit<WorkerBeat, 'name'>;
    return { name: flat[2 * index] as string, ...about, seenAt: Number(said.slice(0, space)) };
  });
}

function minutesBetween(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

function parse(line: string): Tally {
  const tally = new Map<string, number>();
  addTally(tally, line);
  return tally;
}
