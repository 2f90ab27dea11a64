/** Wires the dashboard service. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { closeServer } from '@postback/core/closeServer';
import { systemClock } from '@postback/core/clock';
import { loadConfig } from '@postback/core/config';
import { createLifecycle, runUntilSignal } from '@postback/core/lifecycle';
import { createLogger } from '@postback/core/logger';
import { createRegistry } from '@postback/core/metrics/processMetrics';
import { createAttempts } from '@postback/core/queue/attempts';
import { createDeadLetters, createRedriveJobs, createWaiting } from '@postback/core/queue/deadLetters';
import { attemptLimits } from '@postback/core/queue/keptAttemptsSettings';
import { createDestinations } from '@postback/core/queue/destinations';
import { queueKeys } from '@postback/core/queue/keys';
import { createLookup } from '@postback/core/queue/lookup';
import { readOverview } from '@postback/core/queue/overview';
import { createQueue } from '@postback/core/queue/queue';
import type { DeadLimits } from '@postback/core/queue/scripts/overdueDead';
import { createStats } from '@postback/core/queue/stats';
import { createRedactor } from '@postback/core/redact/redactor';
import { createRedis } from '@postback/core/redis';
import { VERSION } from '@postback/core/version';
import { createApp } from './app.js';
import { createAttemptTrimmer } from './attempts/trimmer.js';
import { parseDashboardConfig, type DashboardConfig } from './config.js';
import { createArchive, type Archive } from './dead/archive.js';
import { createRedriver } from './dead/redriver.js';
import { createDashboardMetrics } from './metrics/dashboardMetrics.js';
import { createFeed } from './events/feed.js';
import { createTail } from './events/tail.js';
import { createOverviewReader } from './overview/overviewReader.js';
import { createWatcher } from './status/watcher.js';
import { createTrimmer } from './dead/trimmer.js';

/** Longer than any proxy in front keeps an idle connection (nginx: 60 s). */
const KEEP_ALIVE_MS = 75_000;

async function main(): Promise<void> {
  const config = loadConfig(parseDashboardConfig);
  const logger = createLogger('dashboard', config.LOG_LEVEL);
  const lifecycle = createLifecycle(logger);
  runUntilSignal(lifecycle, logger);

  const { REDIS_URL: url, REDIS_PASSWORD: password } = config;
  const redis = createRedis({ url, password, name: 'dashboard', logger, failFast: true, maxQueued: 1_000 });
  const dead = createDeadLetters(redis);
  const jobs = createRedriveJobs(redis);
  const redriver = createRedriver({ dead, jobs, logger, clock: systemClock });
  const trimmer = createTrimmer({ dead, limits: limitsOf(config), archive: archiveOf(config), logger });
  const { DASHBOARD_TOKEN: token, DASHBOARD_READ_TOKEN: readToken, SESSION_TTL: sessionTtlMs } = config;
  const attempts = createAttempts(redis);
  const attemptTrimmer = createAttemptTrimmer({ attempts, limits: attemptLimits(config), logger });
  const reasons = () => (redis.isReady() ? [] : ['Redis cannot be reached']);
  const overview = createOverviewReader({ read: () => readOverview(redis), clock: systemClock });
  const feed = createFeed({ overview, tail: createTail(attempts) });
  const app = createApp({
    metrics: createDashboardMetrics({
      registry: createRegistry({ service: 'dashboard', reasons }),
      redis,
      clock: systemClock,
    }),
    access: { token, readToken, sessionTtlMs },
    queue: createQueue(redis),
    waiting: createWaiting(redis),
    lookup: createLookup(redis),
    destinations: createDestinations(redis, queueKeys(0)),
    attempts,
    overview,
    stats: createStats(redis),
    feed,
    watcher: createWatcher({ clock: systemClock }),
    dead,
    jobs,
    archiveDirectory: config.DEAD_ARCHIVE,
    wakeRedriver: () => redriver.wake(),
    clock: systemClock,
    redactor: createRedactor(config.REDACT),
    logger,
    isStopping: () => lifecycle.isStopping(),
    reasons,
  });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);
  server.listen(config.DASHBOARD_PORT, config.LISTEN_HOST);
  await once(server, 'listening');
  lifecycle.onStop('redis', () => redis.close());
  lifecycle.onStop('http server', () => closeServer(server));
  lifecycle.onStop('events', () => feed.stop()); // before the server, which waits for every answer to end
  feed.start();
  logger.info('service.started', { version: VERSION, host: config.LISTEN_HOST, port: config.DASHBOARD_PORT });
  await redis.connect();
  for (const [name, loop] of Object.entries({ redriver, trimmer, attemptTrimmer })) {
    lifecycle.onStop(name, () => loop.stop());
    loop.start();
  }
}

function limitsOf({ DEAD_MAX_AGE, DEAD_MAX_COUNT }: DashboardConfig): DeadLimits {
  return { maxAgeMs: DEAD_MAX_AGE, maxCount: DEAD_MAX_COUNT };
}

function archiveOf({ DEAD_ARCHIVE: directory }: DashboardConfig): Archive | undefined {
  return directory === '' ? undefined : createArchive({ directory, clock: systemClock });
}

void main();
