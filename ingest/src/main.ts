/** Wires the ingest service. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { longestAttemptMs } from '@postback/core/attemptSettings';
import { systemClock } from '@postback/core/clock';
import { closeServer } from '@postback/core/closeServer';
import { loadConfig } from '@postback/core/config';
import { createLifecycle, runUntilSignal } from '@postback/core/lifecycle';
import { createLogger } from '@postback/core/logger';
import { tellRiskySettings } from '@postback/core/metrics/riskySettings';
import { createRegistry } from '@postback/core/metrics/processMetrics';
import { createQueue } from '@postback/core/queue/queue';
import { createStats } from '@postback/core/queue/stats';
import { createRedis } from '@postback/core/redis';
import { createSecretFiles } from '@postback/core/secrets/secretFiles';
import { createStatsFlusher } from '@postback/core/stats/flusher';
import { createStatsRecorder } from '@postback/core/stats/recorder';
import { VERSION } from '@postback/core/version';
import { createApiKeys } from './access/apiKeys.js';
import { createKeyRates } from './access/keyRates.js';
import { createApp } from './app.js';
import { parseIngestConfig } from './config.js';
import { quotaBytes } from './destinationQuota.js';
import { knownEndpoints } from './knownEndpoints.js';
import { deliveryReader } from './readDelivery.js';
import { createIngestMetrics } from './metrics/ingestMetrics.js';
import { watchConditions } from './metrics/watchConditions.js';
import { unreadyReasons } from './watch/conditions.js';
import { readDiskFree } from './watch/diskFree.js';
import { createRedisWatch } from './watch/redisWatch.js';

/** Longer than any proxy in front keeps an idle connection (nginx: 60 s), so that it is never closed under a request. */
const KEEP_ALIVE_MS = 75_000;
/** Requests that wait for Redis at the same time; more are answered with 503 at once, so that memory stays bounded. */
const MAX_WAITING = 2_000;
const MAX_URL_BYTES = 8 * 1024;

async function main(): Promise<void> {
  const config = loadConfig(parseIngestConfig);
  const logger = createLogger('ingest', config.LOG_LEVEL);
  const lifecycle = createLifecycle(logger);
  runUntilSignal(lifecycle, logger);

  const redis = createRedis({
    url: config.REDIS_URL,
    password: config.REDIS_PASSWORD,
    name: 'ingest',
    logger,
    failFast: true,
    maxQueued: MAX_WAITING,
  });
  const queue = createQueue(redis);
  const watch = createRedisWatch({
    redis,
    keys: queue.keys,
    logger,
    settings: {
      durability: config.DURABILITY,
      isDurabilityChecked: config.DURABILITY_CHECK === 'on',
      memoryShedPercent: config.MEMORY_SHED_PERCENT,
      minDiskFreeBytes: config.MIN_DISK_FREE,
    },
    ...(config.REDIS_DATA_DIR !== '' && { readDiskFree: () => readDiskFree(config.REDIS_DATA_DIR) }),
  });
  const stats = createStatsRecorder();
  const flusher = createStatsFlusher({ recorder: stats, stats: createStats(redis), logger, clock: systemClock });
  const apiKeys = createApiKeys({ keys: config.INGEST_API_KEYS, file: config.apiKeysFile, logger });
  const keyRates = { perSecond: config.INGEST_KEY_RATE, burst: config.INGEST_KEY_BURST };
  const secrets = createSecretFiles({ directory: config.SECRETS_DIR, logger });
  await secrets.refresh();
  const reasons = () => {
    if (lifecycle.isStopping()) return ['the service is stopping'];
    if (!redis.isReady()) return ['Redis cannot be reached'];
    return [apiKeys.fault() ?? [], unreadyReasons(watch.conditions())].flat();
  };
  const registry = createRegistry({ service: 'ingest', reasons });
  watchConditions(registry, watch);
  tellRiskySettings(registry, {
    'DURABILITY_CHECK=off': config.DURABILITY_CHECK === 'off',
    'MIN_DISK_FREE=0': config.MIN_DISK_FREE === 0,
  });
  const app = createApp({
    metrics: createIngestMetrics(registry),
    apiKeys,
    keyRates: createKeyRates(keyRates, systemClock),
    queue,
    stats,
    lookUp: knownEndpoints({
      defaultValue: config.DEFAULT_VALUE,
      maxUrlBytes: MAX_URL_BYTES,
      allowedTargets: config.ALLOWED_TARGETS,
    }),
    secrets,
    readDelivery: deliveryReader({
      caps: { ...config, ATTEMPT_TIMEOUT_MAX: longestAttemptMs(config) },
      defaultValue: config.DEFAULT_VALUE,
      now: () => systemClock.now(),
    }),
    attemptDefaults: {
      scheduleMs: config.RETRY_SCHEDULE,
      attempts: config.RETRY_ATTEMPTS,
      ttlMs: config.TTL,
      timeoutMs: config.ATTEMPT_TIMEOUT,
    },
    now: () => systemClock.now(),
    logger,
    maxBodyBytes: config.MAX_BODY_BYTES,
    enqueueTimeoutMs: config.ENQUEUE_TIMEOUT,
    maxBacklog: config.MAX_BACKLOG,
    idempotencyTtlMs: config.IDEMPOTENCY_TTL,
    destinationQuotaBytes: () =>
      quotaBytes(config.DESTINATION_MAX_BACKLOG, {
        maxmemoryBytes: watch.maxmemoryBytes(),
        memoryShedPercent: config.MEMORY_SHED_PERCENT,
      }),
    conditions: () => watch.conditions(),
    isStopping: () => lifecycle.isStopping(),
    reasons,
  });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);
  server.listen(config.INGEST_PORT, config.LISTEN_HOST);
  await once(server, 'listening');
  lifecycle.onStop('redis', () => redis.close());
  lifecycle.onStop('watch of Redis', () => watch.stop());
  lifecycle.onStop('statistics', () => flusher.stop());
  lifecycle.onStop('API keys', () => apiKeys.stop());
  lifecycle.onStop('secrets', () => secrets.stop());
  lifecycle.onStop('http server', () => closeServer(server));
  logger.info('service.started', { version: VERSION, host: config.LISTEN_HOST, port: config.INGEST_PORT });
  watch.start();
  flusher.start();
  secrets.start();
  apiKeys.start();
  await redis.connect();
}

void main();
