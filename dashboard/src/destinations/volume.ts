/** How much goes to a destination and how well, from what was counted. Pure. */
import { TALLY, type Tally } from '@postback/core/stats/tally';
import { count, percentilesIn } from '../series/series.js';

export function showVolume(tally: Tally) {
  const delivered = count(tally, TALLY.delivered);
  const failedAttempts = count(tally, TALLY.failed);
  const attempts = delivered + failedAttempts;
  return {
    delivered,
    failedAttempts,
    dead: count(tally, TALLY.dead),
    successShare: attempts === 0 ? null : Number((delivered / attempts).toFixed(4)),
    response: percentilesIn(tally, TALLY.responseBucket),
  };
}

export function attemptsIn(tally: Tally | undefined): number {
  return tally ? count(tally, TALLY.delivered) + count(tally, TALLY.failed) : 0;
}

export function failuresIn(tally: Tally | undefined): number {
  return tally ? count(tally, TALLY.failed) + count(tally, TALLY.dead) : 0;
}
