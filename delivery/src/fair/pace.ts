/**
 * How fast due retries may follow each other. While first attempts come in, a storm of retries would keep this process so busy that
 * they wait in line for it, however many slots are theirs. So retries are then read few at a time, and after each few the process
 * is left alone for longer than they kept it busy: whoever comes next finds it free. That it had to wait for a busy machine counts as
 * busy. Without first attempts nothing is held back; and the rest is bounded, so that retries go on beside any load.
 */
export interface Pace {
  /** First attempts were read just now. */
  noteFirst(): void;
  /** At most so many retries may be read at once. */
  limit(): number;
  /** How long to wait before the next are read; to be asked after each read. */
  restMs(): number;
}

/** Of the event loop, totals in ms. */
export interface LoopTimes {
  readonly active: number;
  readonly idle: number;
}

interface PaceDeps {
  readonly loopTimes: () => LoopTimes;
  /** Monotonic. */
  readonly now: () => number;
}

/** So long after one first attempt the next is expected. */
const EXPECTED_MS = 10_000;
/** They keep the process busy for two or three milliseconds. With fewer Redis would write to its disk all the time, once per read. */
const FEW = 20;
const REST_PER_BUSY = 2;
/** It contains the work on the few themselves; some 400 retries a second are made at least, and 20,000 within a minute. */
const LONGEST_REST_MS = 40;

export function createPace({ loopTimes, now }: PaceDeps): Pace {
  let firstAt = -Infinity;
  let before = loopTimes();
  let owedMs = 0;
  const isShared = () => now() - firstAt < EXPECTED_MS;
  return {
    noteFirst: () => void (firstAt = now()),
    limit: () => (isShared() ? FEW : Infinity),
    restMs: () => {
      const times = loopTimes();
      const dueMs = owedMs + REST_PER_BUSY * (times.active - before.active) - (times.idle - before.idle);
      owedMs = Math.min(LONGEST_REST_MS, Math.max(0, dueMs));
      before = times;
      return isShared() ? owedMs : 0;
    },
  };
}
