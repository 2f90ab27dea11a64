/**
 * Accepting a request: all of its postbacks enter the stream, or none. The terms are judged in the same script, so that a full
 * backlog and a key that was seen before are facts and not guesses, however many requests arrive at once.
 */
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

export interface OfferTerms {
  /** Refuse what would make more postbacks than this wait for their delivery; without it there is no limit. */
  readonly maxBacklog?: number;
  readonly idempotency?: Idempotency;
}

export interface Idempotency {
  /** Hash of the client's key and its scope: names the Redis key. */
  readonly keyHash: string;
  /** Hash of the request's bytes, without a space: tells a repetition from another request with the same key. */
  readonly fingerprint: string;
  /** How long the first answer is remembered. */
  readonly ttlMs: number;
}

export type Offered =
  /** `ids` in the order of `data`; `isReplay`: those of the first time, and nothing was queued now. */
  | { readonly kind: 'accepted'; readonly ids: string[]; readonly isReplay: boolean }
  | { readonly kind: 'backlog-full'; readonly backlog: number }
  | { readonly kind: 'idempotency-mismatch' };

// KEYS 1 stream, 2 endpoint, 3 totals, 4 retries, 5 delayed, 6 idempotency (only with a fingerprint)
// ARGV 1 format version, 2 endpoint hash, 3 endpoint JSON, 4 max backlog ('' = none), 5 fingerprint ('' = no key),
//      6 idempotency TTL in ms, 7… data objects
// Returns {'accepted', first stream id, count}, {'replay', first stream id, count}, {'mismatch'} or {'full', backlog}.
// The first postback gets `*`, the others follow in the same millisecond, so that a later `*` inside the same script cannot
// break the row. The first write is refused as a whole when memory is full (-OOM), so nothing is left half done.
// The backlog is waiting + pending (the streams' length) + delayed + parked: each of these is O(1).
const script = defineScript(
  'enqueue',
  `
if ARGV[5] ~= '' then
  local seen = redis.call('GET', KEYS[6])
  if seen then
    local fingerprint, first, count = string.match(seen, '^(%S+) (%S+) (%d+)$')
    if fingerprint ~= ARGV[5] then return {'mismatch'} end
    return {'replay', first, tonumber(count)}
  end
end
local n = #ARGV - 6
if ARGV[4] ~= '' then
  local parked = tonumber(redis.call('HGET', KEYS[3], 'parked') or 0)
  local backlog = redis.call('XLEN', KEYS[1]) + redis.call('XLEN', KEYS[4]) + redis.call('ZCARD', KEYS[5]) + parked
  if backlog + n > tonumber(ARGV[4]) then return {'full', backlog} end
end
local first = redis.call('XADD', KEYS[1], '*', 'v', ARGV[1], 'e', ARGV[2], 'd', ARGV[7])
local rest = string.match(first, '^%d+') .. '-*'
for i = 8, #ARGV do
  redis.call('XADD', KEYS[1], rest, 'v', ARGV[1], 'e', ARGV[2], 'd', ARGV[i])
end
if redis.call('HINCRBY', KEYS[2], 'refs', n) == n then redis.call('HSET', KEYS[2], 'json', ARGV[3]) end
redis.call('HINCRBY', KEYS[3], 'accepted', n)
if ARGV[5] ~= '' then redis.call('SET', KEYS[6], ARGV[5] .. ' ' .. first .. ' ' .. n, 'PX', ARGV[6]) end
return {'accepted', first, n}
`,
);

type Reply =
  | readonly ['accepted' | 'replay', firstId: string, count: number]
  | readonly ['full', backlog: number]
  | readonly ['mismatch'];

export async function offer(
  redis: RedisSender,
  keys: QueueKeys,
  { endpointHash, endpointJson, data }: EnqueueRequest,
  { maxBacklog, idempotency }: OfferTerms,
): Promise<Offered> {
  const names = [keys.stream, keys.endpoint(endpointHash), keys.totals, keys.retries, keys.delayed];
  const about = [String(FORMAT_VERSION), endpointHash, endpointJson];
  const terms = [
    maxBacklog === undefined ? '' : String(maxBacklog),
    idempotency?.fingerprint ?? '',
    String(idempotency?.ttlMs ?? 0),
  ];
  if (idempotency) names.push(keys.idempotency(idempotency.keyHash));
  const reply = (await runScript(redis, script, names, [...about, ...terms, ...data])) as Reply;
  switch (reply[0]) {
    case 'mismatch':
      return { kind: 'idempotency-mismatch' };
    case 'full':
      return { kind: 'backlog-full', backlog: reply[1] };
    case 'accepted':
    case 'replay': {
      const ids = contiguousIds(postbackId(keys.partition, reply[1]), reply[2]);
      return { kind: 'accepted', ids, isReplay: reply[0] === 'replay' };
    }
  }
}

/** Without terms; returns the postback ids in the order of `data`. */
export async function enqueue(redis: RedisSender, keys: QueueKeys, request: EnqueueRequest): Promise<string[]> {
  const offered = await offer(redis, keys, request, {});
  if (offered.kind !== 'accepted') throw new Error(`refused without terms: ${offered.kind}`);
  return offered.ids;
}
