/** What this worker counts and says of itself for the dashboard: once a second to Redis, until it has stopped. */
import { systemClock } from '@postback/core/clock';
import type { Logger } from '@postback/core/logger';
import type { QueueKeys } from '@postback/core/queue/keys';
import type { RedisSender } from '@postback/core/queue/script';
import { createStats } from '@postback/core/queue/stats';
import { createStatsFlusher, type StatsFlusher } from '@postback/core/stats/flusher';
import { createStatsRecorder, type StatsRecorder } from '@postback/core/stats/recorder';
import { VERSION } from '@postback/core/version';
import { firstDueAt } from '@postback/core/queue/entry';
import type { AttemptRecord } from './attemptRecord.js';

export interface Statistics {
  readonly recorder: StatsRecorder;
  /** Counts an attempt that was made, for both. */
  readonly observe: (record: AttemptRecord) => void;
  readonly flusher: StatsFlusher;
}

interface StatisticsDeps {
  readonly redis: RedisSender;
  readonly keys: QueueKeys;
  readonly logger: Logger;
  readonly about: {
    /** The worker's: unique per process start. */
    readonly name: string;
    readonly slots: number;
    readonly busy: () => number;
    readonly reasons: () => readonly string[];
  };
  /** Counts it for /metrics. */
  readonly countAttempt: (record: AttemptRecord) => void;
}

export function createStatistics(deps: StatisticsDeps): Statistics {
  const { redis, keys, logger, about, countAttempt } = deps;
  const { name, slots, busy, reasons } = about;
  const recorder = createStatsRecorder();
  const startedAt = systemClock.now();
  const beat = () => ({ name, version: VERSION, startedAt, slots, busy: busy(), reasons: reasons() });
  const stats = createStats(redis, keys);
  const flusher = createStatsFlusher({ recorder, stats, logger, clock: systemClock, beat });
  const observe = (record: AttemptRecord) => {
    countAttempt(record);
    count(record, recorder);
  };
  return { recorder, observe, flusher };
}

function count({ postback, request, result, decision, startedAt, endedAt }: AttemptRecord, recorder: StatsRecorder) {
  const dueAt = firstDueAt(postback);
  const queueWaitMs = postback.attemptsMade === 0 ? Math.max(0, startedAt - dueAt) : undefined;
  const attempt = { destination: request.destination, outcome: decision.kind, queueWaitMs, ...result.phases };
  recorder.attempted(attempt, decision.kind === 'delivered' ? Math.max(0, endedAt - dueAt) : undefined);
}
