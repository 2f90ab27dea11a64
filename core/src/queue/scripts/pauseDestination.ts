/** An operator stops the delivery to one destination, or lets it go on; meanwhile the time to live of its postbacks stands still. */
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineStateScript, runStateScript } from './stateScript.js';

// ARGV 3 by, 4 reason
// Returns 1, or 0 when it was paused already: then nothing is changed.
const pauseScript = defineStateScript(
  'pauseDestination',
  `
local state = load()
if state.pause then return 0 end
state.pause = {by = ARGV[3], reason = ARGV[4], since = now}
save(state)
announce()
return 1
`,
);

// Returns 1, or 0 when it was not paused.
const resumeScript = defineStateScript(
  'resumeDestination',
  `
local state = load()
if not state.pause then return 0 end
state.pauses = state.pauses or {}
table.insert(state.pauses, 1, {state.pause.since, now})
state.pause = nil
save(state)
announce()
return 1
`,
);

export async function pauseDestination(
  redis: RedisSender,
  keys: QueueKeys,
  destination: string,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<boolean> {
  return (await runStateScript(redis, keys, pauseScript, [destination, by, reason])) === 1;
}

export async function resumeDestination(redis: RedisSender, keys: QueueKeys, destination: string): Promise<boolean> {
  return (await runStateScript(redis, keys, resumeScript, [destination])) === 1;
}
