/**
 * How many attempts may be kept: as many as was configured, in at most an eighth of Redis's memory. Otherwise those of a small Redis would
 * fill what postbacks need, and requests be refused for their sake. If Redis does not say how much it has, the last answer holds.
 */
import { createLoop, type Loop } from '@postback/core/loop';
import { readFigures } from '@postback/core/queue/redisState';
import type { RedisSender } from '@postback/core/queue/script';
import type { AttemptLimits } from '@postback/core/queue/scripts/keepAttempts';
import { ATTEMPT_KINDS } from '@postback/core/queue/keys';

export interface AttemptRoom {
  readonly limits: () => AttemptLimits;
  readonly loop: Loop;
}

const SHARE_OF_MEMORY = 1 / 8;
/** maxmemory can be changed while Redis runs. */
const LOOK_EVERY_MS = 10_000;
const RETRY_MS = 200;

export function createAttemptRoom(redis: RedisSender, configured: AttemptLimits): AttemptRoom {
  let limits = configured;
  return {
    limits: () => limits,
    loop: createLoop(async () => {
      try {
        const { maxmemoryBytes } = await readFigures(redis);
        limits = withinMemory(configured, maxmemoryBytes);
        return LOOK_EVERY_MS;
      } catch {
        return RETRY_MS; // gone for a moment, or INFO is forbidden: what was configured holds
      }
    }),
  };
}

/** @param maxmemoryBytes 0 = no limit */
export function withinMemory(limits: AttemptLimits, maxmemoryBytes: number): AttemptLimits {
  if (maxmemoryBytes === 0) return limits;
  const share = Math.floor((maxmemoryBytes * SHARE_OF_MEMORY) / ATTEMPT_KINDS.length);
  return { ...limits, bytes: Math.min(limits.bytes, share) };
}
