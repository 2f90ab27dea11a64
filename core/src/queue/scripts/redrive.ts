/** A dead letter is sent again: same id, attempts and time to live anew, its endpoint stored once more. */
import type { BuriedLetter } from '../deadLetter.js';
import { hashEndpoint } from '../endpointHash.js';
import { encodeRecord } from '../entry.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import { letterArguments, TAKE_LETTER } from './letterHeld.js';

// KEYS 1 dead, 2 dead entries, 3 totals, 4 endpoint, 5 retries
// ARGV 1 id, 2 died at, 3 '1' = cancelled, 4 endpoint JSON, 5 record
// Returns 1 when moved, 0 when the letter was no longer there: of two that redrive it, one does.
const script = defineScript(
  'redrive',
  `${TAKE_LETTER}
if not take(KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2], ARGV[3]) then return 0 end
if redis.call('HINCRBY', KEYS[4], 'refs', 1) == 1 then redis.call('HSET', KEYS[4], 'json', ARGV[4]) end
redis.call('XADD', KEYS[5], '*', 'r', ARGV[5])
return 1
`,
);

export interface Redrive {
  /** The letter's own, or one that replaces it. */
  readonly endpointJson: string;
  /** When, ms since the epoch by Redis's clock: the time to live begins here, as if the client had asked for this time. */
  readonly at: number;
}

export async function redrive(
  redis: RedisSender,
  keys: QueueKeys,
  buried: BuriedLetter,
  { endpointJson, at }: Redrive,
): Promise<boolean> {
  const endpointHash = hashEndpoint(endpointJson);
  const settings = { ...buried.letter.settings, delayMs: 0, deliverAtMs: at };
  const anew = { attemptsMade: 0, history: [], settings };
  const record = encodeRecord({ ...buried.letter, ...anew, endpointHash });
  const names = [keys.dead, keys.deadEntries, keys.totals, keys.endpoint(endpointHash), keys.retries];
  return (await runScript(redis, script, names, [...letterArguments(buried), endpointJson, record])) === 1;
}
