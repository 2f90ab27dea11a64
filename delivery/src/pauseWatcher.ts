/**
 * Knows whether delivery is paused in the whole installation. It is told of a change, and looks every two seconds anyway, because
 * pub/sub does not promise to deliver. While Redis cannot be read the last state counts. A pause because of poison was meant
 * for the version that crashed: the first worker of another version ends it.
 */
import type { Logger } from '@postback/core/logger';
import { createLoop, type Loop } from '@postback/core/loop';
import type { Queue } from '@postback/core/queue/queue';
import type { Pause, Pauses } from '@postback/core/queue/scripts/pause';
import { isPassing } from '@postback/core/redis';

export interface PauseWatcher extends Loop {
  /** Reads the state now; throws what Redis throws. */
  refresh(): Promise<void>;
  current(): Pause | undefined;
  /** Everything that pausedMsBetween needs to tell how long a postback has stood still. */
  pauses(): Pauses;
}

interface PauseWatcherDeps {
  readonly queue: Pick<Queue, 'readPauses' | 'resume'>;
  readonly version: string;
  readonly logger: Logger;
}

const POLL_MS = 2_000;

export function createPauseWatcher(deps: PauseWatcherDeps): PauseWatcher {
  const { queue, version, logger } = deps;
  let state: Pauses = { current: undefined, past: [] };

  async function refresh(): Promise<void> {
    const before = state.current;
    state = await queue.readPauses();
    if (state.current?.by === 'poison' && state.current.version !== version) {
      await queue.resume();
      state = await queue.readPauses();
    }
    if (state.current && !before) announce(logger, state.current);
    if (!state.current && before) logger.info('delivery.resumed', { paused_by: before.by });
  }

  const loop = createLoop(async () => {
    try {
      await refresh();
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    return POLL_MS;
  });
  return { ...loop, refresh, current: () => state.current, pauses: () => state };
}

function announce(logger: Logger, { by, reason }: Pause): void {
  if (by === 'poison') logger.error('delivery.paused', { paused_by: by, reason });
  else logger.warn('delivery.paused', { paused_by: by, reason });
}
