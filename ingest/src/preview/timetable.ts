/** When the attempts of a postback would come, if each one failed at once. Pure. */
import { backoffMs } from '@postback/core/backoff';

export interface RetryTerms {
  /** Waits before the 2nd, 3rd … attempt; the last one repeats. */
  readonly scheduleMs: readonly number[];
  /** At most, the first one included. */
  readonly attempts: number;
  /** From when the first attempt is due. */
  readonly ttlMs: number;
}

export interface AttemptTime {
  readonly attempt: number;
  /** Seconds from when the first attempt is due, between the two ends of the jitter. */
  readonly earliestSeconds: number;
  readonly latestSeconds: number;
}

/** Attempts that could only begin after the end of the ttl are left out: they are never made. */
export function timetable({ scheduleMs, attempts, ttlMs }: RetryTerms): AttemptTime[] {
  const times: AttemptTime[] = [];
  let earliestMs = 0;
  let latestMs = 0;
  for (let attempt = 1; attempt <= attempts && earliestMs < ttlMs; attempt++) {
    times.push({ attempt, earliestSeconds: earliestMs / 1_000, latestSeconds: Math.min(latestMs, ttlMs) / 1_000 });
    earliestMs += backoffMs(scheduleMs, attempt, 0);
    latestMs += backoffMs(scheduleMs, attempt, 1);
  }
  return times;
}
