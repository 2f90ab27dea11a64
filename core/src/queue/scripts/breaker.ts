/**
 * The breaker of a destination, agreed on by several workers: a change names the state that it comes from, and only the first that
 * names the present one is taken. While it is half-open one worker at a time may probe, for the time of its lease.
 */
import type { Breaker } from '../destinationState.js';
import type { QueueKeys } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineStateScript, runStateScript } from './stateScript.js';

/** `expectedSince` is the `since` of the state that was seen; 0 = closed. */
export type BreakerChange =
  | { readonly to: 'open'; readonly expectedSince: number; readonly openMs: number; readonly reason: string }
  | { readonly to: 'closed'; readonly expectedSince: number };

export interface BreakerAnswer {
  /** False when the breaker was in another state than expected, or nothing was granted. */
  readonly taken: boolean;
  /** As it is now; `undefined` = closed. */
  readonly breaker: Breaker | undefined;
}

// ARGV 3 state, 4 expected since, 5 open for so long in ms, 6 reason
// Returns {1 = taken, breaker's JSON or ''}. Two states never have the same beginning, even within a millisecond.
const changeScript = defineStateScript(
  'setBreaker',
  `
local state = load()
local before = state.breaker
if (before and before.since or 0) ~= tonumber(ARGV[4]) then return {0, before and cjson.encode(before) or ''} end
if not before and ARGV[3] == 'closed' then return {1, ''} end
state.breaker = nil
if ARGV[3] == 'open' then
  local since = math.max(now, (before and before.since or 0) + 1)
  local trips = (before and before.trips or 0) + 1
  local downSince = before and (before.downSince or before.since) or since
  state.breaker = {state = 'open', since = since, ['until'] = now + ARGV[5], reason = ARGV[6], trips = trips, downSince = downSince}
end
save(state)
announce()
return {1, state.breaker and cjson.encode(state.breaker) or ''}
`,
);

// ARGV 3 lease in ms
// Returns {1 = granted, breaker's JSON or ''}. Granted when the breaker has been open for its time, or is half-open and the lease of
// whoever probed before has run out.
const probeScript = defineStateScript(
  'takeProbe',
  `
local state = load()
local breaker = state.breaker
if not breaker then return {0, ''} end
if breaker['until'] > now then return {0, cjson.encode(breaker)} end
breaker.since = math.max(now, breaker.since + 1)
breaker.state = 'half-open'
breaker['until'] = now + ARGV[3]
save(state)
announce()
return {1, cjson.encode(breaker)}
`,
);

export async function setBreaker(
  redis: RedisSender,
  keys: QueueKeys,
  destination: string,
  change: BreakerChange,
): Promise<BreakerAnswer> {
  const { openMs, reason } = change.to === 'open' ? change : { openMs: 0, reason: '' };
  const args = [destination, change.to, change.expectedSince, Math.round(openMs), reason] as const;
  return readAnswer(await runStateScript(redis, keys, changeScript, args));
}

export async function takeProbe(
  redis: RedisSender,
  keys: QueueKeys,
  destination: string,
  leaseMs: number,
): Promise<BreakerAnswer> {
  return readAnswer(await runStateScript(redis, keys, probeScript, [destination, Math.round(leaseMs)]));
}

function readAnswer(reply: unknown): BreakerAnswer {
  const [taken, json] = reply as [number, string];
  return { taken: taken === 1, breaker: json === '' ? undefined : (JSON.parse(json) as Breaker) };
}
