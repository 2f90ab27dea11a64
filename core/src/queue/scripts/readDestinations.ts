/** Reading what holds for destinations. What holds no longer is cleared away by whoever finds it. */
import { emptyState, parseState, type DestinationState } from '../destinationState.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineStateScript, runStateScript } from './stateScript.js';

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

/** All for which something holds: few, because most are neither paused, nor held, nor broken. */
export async function readDestinations(redis: RedisSender, keys: QueueKeys): Promise<DestinationState[]> {
  const flat = (await redis.send(keys.destinations, ['HGETALL', keys.destinations])) as string[];
  return Array.from({ length: flat.length / 2 }, (_, index) =>
    parseState(flat[2 * index] as string, flat[2 * index + 1] as string),
  );
}

/** For a hold that has run out and was all that was said of its destination. */
export async function tidyDestination(redis: RedisSender, keys: QueueKeys, destination: string): Promise<void> {
  await runStateScript(redis, keys, tidyScript, [destination]);
}
