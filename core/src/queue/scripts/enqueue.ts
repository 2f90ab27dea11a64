/**
 * Accepting a request: all of its postbacks enter the queue, or none. The terms are judged in the same script, so that a full
 * backlog and a key that was seen before are facts and not guesses, however many requests arrive at once.
 */
import { contiguousIds, FORMAT_VERSION, postbackId } from '../entry.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import { itemArgs, PLACE_ITEMS, type EnqueueRequest } from './items.js';

export type { EnqueueRequest } from './items.js';

export interface OfferTerms {
  /** Refuse what would make more postbacks than this wait for their delivery; without it there is no limit. */
  readonly maxBacklog?: number;
  readonly idempotency?: Idempotency;
  readonly quota?: DestinationQuota;
}

/** One destination that is away must not fill the room of the others. */
export interface DestinationQuota {
  /** `scheme://host:port` */
  readonly destination: string;
  /** Refuse as soon as what is parked for it takes so many bytes. */
  readonly maxBytes: number;
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
  | { readonly kind: 'destination-full'; readonly parkedBytes: number }
  | { readonly kind: 'idempotency-mismatch' };

// KEYS 1 stream, 2 endpoint, 3 totals, 4 retries, 5 delayed, 6 delayed entries, 7 parked bytes,
//      8 idempotency (only with a fingerprint)
// ARGV 1 format version, 2 endpoint hash, 3 endpoint JSON, 4 max backlog ('' = none), 5 fingerprint ('' = no key),
//      6 idempotency TTL in ms, 7 destination ('' = no quota), 8 its quota in bytes, 9… the postbacks (items.ts)
// Returns {'accepted', first stream id, count}, {'replay', first stream id, count}, {'mismatch'}, {'full', backlog} or
// {'destination', bytes parked for it}.
// The backlog is waiting + pending (the streams' length) + delayed + parked: each of these is O(1).
const script = defineScript(
  'enqueue',
  `${PLACE_ITEMS}
if ARGV[5] ~= '' then
  local seen = redis.call('GET', KEYS[8])
  if seen then
    local fingerprint, first, count = string.match(seen, '^(%S+) (%S+) (%d+)$')
    if fingerprint ~= ARGV[5] then return {'mismatch'} end
    return {'replay', first, tonumber(count)}
  end
end
if ARGV[4] ~= '' then
  local parked = tonumber(redis.call('HGET', KEYS[3], 'parked') or 0)
  local backlog = redis.call('XLEN', KEYS[1]) + redis.call('XLEN', KEYS[4]) + redis.call('ZCARD', KEYS[5]) + parked
  if backlog + count > tonumber(ARGV[4]) then return {'full', backlog} end
end
if ARGV[7] ~= '' then
  local bytes = tonumber(redis.call('HGET', KEYS[7], ARGV[7]) or 0)
  if bytes >= tonumber(ARGV[8]) then return {'destination', bytes} end
end
local first = place()
if redis.call('HINCRBY', KEYS[2], 'refs', count) == count then redis.call('HSET', KEYS[2], 'json', ARGV[3]) end
redis.call('HINCRBY', KEYS[3], 'accepted', count)
if ARGV[5] ~= '' then redis.call('SET', KEYS[8], ARGV[5] .. ' ' .. first .. ' ' .. count, 'PX', ARGV[6]) end
return {'accepted', first, count}
`,
);

type Reply =
  | readonly ['accepted' | 'replay', firstId: string, count: number]
  | readonly ['full', backlog: number]
  | readonly ['destination', parkedBytes: number]
  | readonly ['mismatch'];

export async function offer(
  redis: RedisSender,
  keys: QueueKeys,
  request: EnqueueRequest,
  offerTerms: OfferTerms,
): Promise<Offered> {
  const { endpointHash, endpointJson } = request;
  const work = [keys.stream, keys.endpoint(endpointHash), keys.totals, keys.retries];
  const names = [...work, keys.delayed, keys.delayedEntries, keys.parkedBytes];
  const { idempotency } = offerTerms;
  if (idempotency) names.push(keys.idempotency(idempotency.keyHash));
  const about = [String(FORMAT_VERSION), endpointHash, endpointJson, ...termArgs(offerTerms)];
  const reply = (await runScript(redis, script, names, [...about, ...itemArgs(keys, request)])) as Reply;
  switch (reply[0]) {
    case 'mismatch':
      return { kind: 'idempotency-mismatch' };
    case 'full':
      return { kind: 'backlog-full', backlog: reply[1] };
    case 'destination':
      return { kind: 'destination-full', parkedBytes: reply[1] };
    case 'accepted':
    case 'replay': {
      const ids = contiguousIds(postbackId(keys.partition, reply[1]), reply[2]);
      return { kind: 'accepted', ids, isReplay: reply[0] === 'replay' };
    }
  }
}

function termArgs({ maxBacklog, idempotency, quota }: OfferTerms): string[] {
  const backlog = maxBacklog === undefined ? '' : String(maxBacklog);
  const key = [idempotency?.fingerprint ?? '', String(idempotency?.ttlMs ?? 0)];
  return [backlog, ...key, quota?.destination ?? '', String(quota?.maxBytes ?? 0)];
}

/** Without terms; returns the postback ids in the order of `data`. */
export async function enqueue(redis: RedisSender, keys: QueueKeys, request: EnqueueRequest): Promise<string[]> {
  const offered = await offer(redis, keys, request, {});
  if (offered.kind !== 'accepted') throw new Error(`refused without terms: ${offered.kind}`);
  return offered.ids;
}
