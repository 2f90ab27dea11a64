/**
 * The head of every script that takes a letter out of `dead`. Guard first: is it still there, and still the one that was read (a
 * postback may have been redriven and have died again meanwhile)? Only then the first writes, which free memory and so work
 * even when it is full.
 */
import type { BuriedLetter } from '../deadLetter.js';

/** Defines take(dead, entries, totals, id, died at, '1' = cancelled), which returns whether the letter was there. */
export const TAKE_LETTER = `
local function take(dead, entries, totals, id, diedAt, cancelled)
  local score = redis.call('ZSCORE', dead, id)
  if not score or tonumber(score) ~= tonumber(diedAt) then return false end
  redis.call('ZREM', dead, id)
  redis.call('HDEL', entries, id)
  if cancelled == '1' then redis.call('HINCRBY', totals, 'cancelled', -1) end
  return true
end
`;

/** What `take` has to know of a letter. */
export function letterArguments({ letter, diedAt }: BuriedLetter): [string, string, string] {
  return [letter.id, String(diedAt), letter.reason === 'cancelled' ? '1' : '0'];
}
