/** Dead letters leave for good, many at once: purged by somebody, or trimmed because of their age or number. */
import type { BuriedLetter } from '../deadLetter.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';
import { letterArguments, TAKE_LETTER } from './letterHeld.js';

// KEYS 1 dead, 2 dead entries, 3 totals
// ARGV 1 field of totals, then for each letter: id, died at, '1' = cancelled
// Returns how many were still there; only these are counted.
const script = defineScript(
  'discard',
  `${TAKE_LETTER}
local discarded = 0
for i = 2, #ARGV, 3 do
  if take(KEYS[1], KEYS[2], KEYS[3], ARGV[i], ARGV[i + 1], ARGV[i + 2]) then discarded = discarded + 1 end
end
if discarded > 0 then redis.call('HINCRBY', KEYS[3], ARGV[1], discarded) end
return discarded
`,
);

export async function discard(
  redis: RedisSender,
  keys: QueueKeys,
  letters: readonly BuriedLetter[],
  as: 'purged' | 'trimmed',
): Promise<number> {
  if (letters.length === 0) return 0;
  const args = [as, ...letters.flatMap(letterArguments)];
  return (await runScript(redis, script, [keys.dead, keys.deadEntries, keys.totals], args)) as number;
}
