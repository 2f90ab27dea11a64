/** Redis's clock: what is due and what is too old is judged by it, and by no other. */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';

/** ms since the epoch */
export async function readTime(redis: RedisSender, keys: QueueKeys): Promise<number> {
  const [seconds, micros] = (await redis.send(keys.stream, ['TIME'])) as [string, string];
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
