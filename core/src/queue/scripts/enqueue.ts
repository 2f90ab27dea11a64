/** Accepting a request: all of its postbacks enter the stream, or none. */
import { contiguousIds, FORMAT_VERSION, postbackId } from '../entry.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

export interface EnqueueRequest {
  readonly endpointHash: string;
  /** The endpoint as the client sent it; stored once, however many postbacks need it. */
  readonly endpointJson: string;
  /** One JSON text per postback, stored verbatim. */
  readonly data: readonly string[];
}

// KEYS 1 stream, 2 endpoint, 3 totals
// ARGV 1 format version, 2 endpoint hash, 3 endpoint JSON, 4… data objects
// Returns the stream id of the first postback; the others follow in the same millisecond, so that a later `*` inside the same
// script cannot break the row. The first write is refused as a whole when memory is full (-OOM), so nothing is left half done.
const script = defineScript(
  'enqueue',
  `
local first = redis.call('XADD', KEYS[1], '*', 'v', ARGV[1], 'e', ARGV[2], 'd', ARGV[4])
local rest = string.match(first, '^%d+') .. '-*'
for i = 5, #ARGV do
  redis.call('XADD', KEYS[1], rest, 'v', ARGV[1], 'e', ARGV[2], 'd', ARGV[i])
end
local n = #ARGV - 3
if redis.call('HINCRBY', KEYS[2], 'refs', n) == n then redis.call('HSET', KEYS[2], 'json', ARGV[3]) end
redis.call('HINCRBY', KEYS[3], 'accepted', n)
return first
`,
);

/** Returns the postback ids in the order of `data`. */
export async function enqueue(redis: RedisSender, keys: QueueKeys, request: EnqueueRequest): Promise<string[]> {
  const { endpointHash, endpointJson, data } = request;
  const first = (await runScript(
    redis,
    script,
    [keys.stream, keys.endpoint(endpointHash), keys.totals],
    [String(FORMAT_VERSION), endpointHash, endpointJson, ...data],
  )) as string;
  return contiguousIds(postbackId(keys.partition, first), data.length);
}
