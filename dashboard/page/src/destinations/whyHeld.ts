/** Why a destination is not simply called, in words. Pure. */
import type { Destination } from '../api/types.js';
import { formatDistance } from '../format/times.js';

export function whyHeld({ pause, breaker, heldUntil }: Destination, now: number): string | undefined {
  if (pause) {
    const since = pause.since ? ` ${formatDistance(pause.since, now)}` : '';
    return `paused${since} by ${pause.by ?? 'somebody'}${pause.reason ? `: ${pause.reason}` : ''}`;
  }
  if (breaker) {
    const next = breaker.state === 'open' ? `, probed ${formatDistance(breaker.until, now)}` : ', being probed';
    return `${breaker.reason}${next}`;
  }
  return heldUntil ? `asked us to wait; called again ${formatDistance(heldUntil, now)}` : undefined;
}
