/** The rate of a destination, over all workers: a bucket of tokens that fills by Redis's clock. One token is one attempt. */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

export interface RateRequest {
  readonly ratePerSecond: number;
  /** The bucket holds so many at most: what may be sent at once after a quiet time. */
  readonly burst: number;
  /** At most so many are granted. */
  readonly wanted: number;
}

// KEYS 1 the bucket
// ARGV 1 per second, 2 burst, 3 wanted
// Returns how many tokens were granted. The bucket is forgotten when it would be full again. DEL comes first, so that it works
// when memory is full. Times are in microseconds: at 10,000 per second a token takes 100 of them.
const script = defineScript(
  'takeRate',
  `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local perSecond, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local tokens, at = unpack(redis.call('HMGET', KEYS[1], 'tokens', 'at'))
tokens = math.min(burst, tonumber(tokens or burst) + math.max(0, now - tonumber(at or now)) * perSecond / 1000000)
local granted = math.min(math.floor(tokens), tonumber(ARGV[3]))
if granted <= 0 then return 0 end
tokens = tokens - granted
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) * 1000 / perSecond) + 1000)
return granted
`,
);

export async function takeRate(
  redis: RedisSender,
  keys: QueueKeys,
  destination: string,
  { ratePerSecond, burst, wanted }: RateRequest,
): Promise<number> {
  const args = [ratePerSecond, burst, wanted].map(String);
  return (await runScript(redis, script, [keys.rateOf(destination)], args)) as number;
}
