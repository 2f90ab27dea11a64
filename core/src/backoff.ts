/** How long to wait before the next attempt. */

/** Each wait is spread over ± 20 %, so that postbacks that failed together do not come back together. */
const JITTER = 0.2;

/**
 * @param scheduleMs waits before the 2nd, 3rd … attempt; a short list repeats its last step
 * @param attemptsMade attempts so far, ≥ 1
 * @param random in [0, 1), injected
 */
export function backoffMs(scheduleMs: readonly number[], attemptsMade: number, random: number): number {
  const step = scheduleMs[Math.min(attemptsMade, scheduleMs.length) - 1];
  if (step === undefined) throw new RangeError('the schedule is empty or no attempt was made');
  return Math.round(step * (1 - JITTER + 2 * JITTER * random));
}
