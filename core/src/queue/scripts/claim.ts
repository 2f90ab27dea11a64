/** Taking over entries whose worker has gone silent. */
import { GROUP, type QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import type { RawEntry } from './read.js';

export interface ClaimRequest {
  readonly stream: string;
  readonly consumer: string;
  /** Only entries that nobody has touched for so long. */
  readonly idleMs: number;
  /** At most so many entries. */
  readonly limit: number;
}

export interface ClaimedEntry extends RawEntry {
  /** How often Redis has handed the entry out, this time included. */
  readonly deliveryCount: number;
}

export interface Claim {
  readonly entries: readonly ClaimedEntry[];
  /** Ids that were pending although somebody has deleted the entry; Redis has forgotten them now. */
  readonly trimmedIds: readonly string[];
}

// KEYS 1 stream, 2 totals
// ARGV 1 group, 2 consumer, 3 idle ms, 4 limit
// Returns {{id, fields, delivery count}…, trimmed ids}. Ids trimmed by someone else are counted in the books here.
const script = defineScript(
  'claim',
  `
local reply = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], '-', 'COUNT', ARGV[4])
local claimed = {}
for _, entry in ipairs(reply[2]) do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], entry[1], entry[1], 1)
  table.insert(claimed, {entry[1], entry[2], pending[1][4]})
end
if #reply[3] > 0 then redis.call('HINCRBY', KEYS[2], 'trimmed', #reply[3]) end
return {claimed, reply[3]}
`,
);

export async function claim(redis: RedisSender, keys: QueueKeys, request: ClaimRequest): Promise<Claim> {
  const { stream, consumer, idleMs, limit } = request;
  const args = [GROUP, consumer, String(idleMs), String(limit)];
  const reply = (await runScript(redis, script, [stream, keys.totals], args)) as [
    [string, string[], number][],
    string[],
  ];
  const entries = reply[0].map(([streamId, fields, deliveryCount]) => ({ stream, streamId, fields, deliveryCount }));
  return { entries, trimmedIds: reply[1] };
}
