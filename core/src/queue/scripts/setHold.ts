/** A destination has asked to be left alone for a while (Retry-After). */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineStateScript, runStateScript } from './stateScript.js';

// ARGV 3 for how long, in ms
// Returns until when it is held now. A hold only becomes longer: of two answers the later moment counts.
const script = defineStateScript(
  'setHold',
  `
local state = load()
local holdUntil = now + ARGV[3]
if (state.holdUntil or 0) >= holdUntil then return state.holdUntil end
state.holdUntil = holdUntil
save(state)
announce()
return holdUntil
`,
);

/** ms since the epoch, by Redis's clock: no attempt before. */
export async function setHold(
  redis: RedisSender,
  keys: QueueKeys,
  destination: string,
  forMs: number,
): Promise<number> {
  return (await runStateScript(redis, keys, script, [destination, Math.max(0, Math.round(forMs))])) as number;
}
