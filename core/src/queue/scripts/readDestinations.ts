/** Reading what holds for destinations. What holds no longer is cleared away by whoever finds it. */
import { emptyState, parseState, type DestinationState } from '../destinationState.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { BREAKER_KEPT_MS, defineStateScript, runStateScript } from './stateScript.js';
import { readTime } from './time.js';

// Returns 1. Loading and saving leaves out what has ended.
const tidyScript = defineStateScript('tidyDestination', `save(load()) return 1`);

export async function readDestination(
  redis: RedisSender,
  keys: QueueKeys,
  destination: string,
): Promise<DestinationState> {
  const json = (await redis.send(keys.destinations, ['HGET', keys.destinations, destination])) as string | null;
  return json === null ? emptyState(destination) : parseState(destination, json);
}

/** So many are cleared away by one reading: readings come every few seconds. */
const TIDIED = 100;

/** All for which something holds, or was paused before: few, because most are neither paused, nor held, nor broken. */
export async function readDestinations(redis: RedisSender, keys: QueueKeys): Promise<DestinationState[]> {
  const flat = (await redis.send(keys.destinations, ['HGETALL', keys.destinations])) as string[];
  const states = Array.from({ length: flat.length / 2 }, (_, index) =>
    parseState(flat[2 * index] as string, flat[2 * index + 1] as string),
  );
  if (states.length === 0) return [];
  const now = await readTime(redis, keys);
  const spent = states.filter((state) => isSpent(state, now)).slice(0, TIDIED);
  await Promise.all(spent.map(({ destination }) => tidyDestination(redis, keys, destination)));
  return states.filter((state) => !isSpent(state, now));
}

function isSpent({ pause, pauses, breaker, holdUntil }: DestinationState, now: number): boolean {
  if (pause || pauses.length > 0 || holdUntil > now) return false;
  return !breaker || breaker.until <= now - BREAKER_KEPT_MS;
}

/** For a hold that has run out and was all that was said of its destination; the script judges it anew. */
export async function tidyDestination(redis: RedisSender, keys: QueueKeys, destination: string): Promise<void> {
  await runStateScript(redis, keys, tidyScript, [destination]);
}
