/**
 * The books: where every accepted postback is, read at one moment.
 *
 * A cancelled postback is a dead letter too, and can be redriven. So that it counts once, `cancelled` is how many of the letters
 * kept now have that reason, and `dead` is all the others: redriving, purging or trimming a cancelled letter takes it out of
 * `cancelled`. `purged` and `trimmed` only grow; a letter imported from the archive is accepted anew.
 */
import { GROUP, type QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

/** Numbers of postbacks. accepted = delivered + waiting + pending + delayed + parked + dead + purged + trimmed + cancelled. */
export interface Books {
  readonly accepted: number;
  readonly delivered: number;
  /** In a work stream, not handed to a worker yet. */
  readonly waiting: number;
  /** Handed to a worker, not settled yet. */
  readonly pending: number;
  readonly delayed: number;
  readonly parked: number;
  /** Dead letters, without the cancelled ones. */
  readonly dead: number;
  readonly purged: number;
  readonly trimmed: number;
  /** Dead letters with the reason `cancelled`. */
  readonly cancelled: number;
}

const TOTALS = ['accepted', 'delivered', 'parked', 'purged', 'trimmed', 'cancelled'] as const;

// KEYS 1 stream, 2 retries, 3 delayed, 4 dead, 5 totals
// ARGV 1 group, 2… fields of totals
// Returns {waiting, pending, delayed, dead, totals…}. Reads only; a stream without its group yet has nothing pending.
const script = defineScript(
  'books',
  `
local length, pending = 0, 0
for k = 1, 2 do
  length = length + redis.call('XLEN', KEYS[k])
  local summary = redis.pcall('XPENDING', KEYS[k], ARGV[1])
  if not summary.err then pending = pending + summary[1] end
end
local books = {length - pending, pending, redis.call('ZCARD', KEYS[3]), redis.call('ZCARD', KEYS[4])}
for _, total in ipairs(redis.call('HMGET', KEYS[5], unpack(ARGV, 2))) do table.insert(books, tonumber(total or 0)) end
return books
`,
);

export async function readBooks(redis: RedisSender, keys: QueueKeys): Promise<Books> {
  const names = [keys.stream, keys.retries, keys.delayed, keys.dead, keys.totals];
  const reply = (await runScript(redis, script, names, [GROUP, ...TOTALS])) as number[];
  const [waiting = 0, pending = 0, delayed = 0, letters = 0, ...totals] = reply;
  const [accepted = 0, delivered = 0, parked = 0, purged = 0, trimmed = 0, cancelled = 0] = totals;
  const dead = letters - cancelled;
  return { accepted, delivered, waiting, pending, delayed, parked, dead, purged, trimmed, cancelled };
}

/** What the books are off by; 0 when they balance. */
export function imbalance(books: Books): number {
  const { accepted, ...elsewhere } = books;
  return accepted - Object.values(elsewhere).reduce((sum, count) => sum + count, 0);
}
