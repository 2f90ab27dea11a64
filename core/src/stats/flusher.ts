/**
 * Sends what was counted to Redis once a second, and says with it that the process lives. Statistics are advisory: nothing waits for
 * them. What Redis does not take at once is counted as dropped, what waits for it too long as well, and nothing is sent twice.
 */
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import { createLoop } from '../loop.js';
import type { Stats, WorkerBeat } from '../queue/stats.js';
import type { StatsRecorder } from './recorder.js';

export interface StatsFlusher {
  start(): void;
  /** Sends the rest, if Redis takes it soon; takes the worker off the list. */
  stop(): Promise<void>;
  /** Flushes whose counts were not taken. */
  dropped(): number;
}

interface FlusherDeps {
  readonly recorder: Pick<StatsRecorder, 'take'>;
  readonly stats: Pick<Stats, 'record' | 'leave'>;
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Told with each flush; without it nothing is sent when nothing happened. */
  readonly beat?: () => WorkerBeat;
  readonly periodMs?: number;
}

const PERIOD_MS = 1_000;
/** Counts of longer ago would stand in the wrong minute. */
const KEPT_MS = 10_000;
const LAST_WORDS_MS = 1_000;

export function createStatsFlusher(deps: FlusherDeps): StatsFlusher {
  const { recorder, stats, logger, clock, beat, periodMs = PERIOD_MS } = deps;
  let dropped = 0;
  let isDropping = false;
  let takenAt = clock.monotonic();

  function drop(reason: string): void {
    dropped++;
    if (!isDropping) logger.warn('stats.dropping', { reason, detail: 'they are missing in the charts, nowhere else' });
    isDropping = true;
  }

  async function flush(): Promise<void> {
    const increment = recorder.take();
    const isStale = clock.monotonic() - takenAt > KEPT_MS + periodMs;
    takenAt = clock.monotonic();
    if (increment && isStale) drop('Redis did not answer');
    const kept = isStale ? undefined : increment;
    if (!kept && !beat) return;
    try {
      await stats.record(kept, beat?.());
      if (isDropping) logger.info('stats.kept_again', { dropped });
      isDropping = false;
    } catch (error) {
      if (kept) drop((error as Error).message);
    }
  }

  const loop = createLoop(async () => {
    await flush();
    return periodMs;
  });
  return {
    start: () => {
      takenAt = clock.monotonic();
      loop.start();
    },
    stop: async () => {
      const last = async () => {
        await loop.stop();
        await flush();
        if (beat) await stats.leave(beat().name);
      };
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, LAST_WORDS_MS)));
      await Promise.race([last().catch(() => undefined), patience]);
      clearTimeout(timer);
    },
    dropped: () => dropped,
  };
}
