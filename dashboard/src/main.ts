/** Wires the dashboard service. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { closeServer } from '@postback/core/closeServer';
import { loadConfig } from '@postback/core/config';
import { createLifecycle, runUntilSignal } from '@postback/core/lifecycle';
import { createLogger } from '@postback/core/logger';
import { createQueue } from '@postback/core/queue/queue';
import { createRedis } from '@postback/core/redis';
import { VERSION } from '@postback/core/version';
import { createApp } from './app.js';
import { parseDashboardConfig } from './config.js';

/** Longer than any proxy in front keeps an idle connection (nginx: 60 s). */
const KEEP_ALIVE_MS = 75_000;

async function main(): Promise<void> {
  const config = loadConfig(parseDashboardConfig);
  const logger = createLogger('dashboard', config.LOG_LEVEL);
  const lifecycle = createLifecycle(logger);
  runUntilSignal(lifecycle, logger);

  const { REDIS_URL: url, REDIS_PASSWORD: password } = config;
  const redis = createRedis({ url, password, name: 'dashboard', logger, failFast: true, maxQueued: 1_000 });
  const app = createApp({
    queue: createQueue(redis),
    logger,
    isStopping: () => lifecycle.isStopping(),
    reasons: () => (redis.isReady() ? [] : ['Redis cannot be reached']),
  });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);
  server.listen(config.DASHBOARD_PORT, config.LISTEN_HOST);
  await once(server, 'listening');
  lifecycle.onStop('redis', () => redis.close());
  lifecycle.onStop('http server', () => closeServer(server));
  logger.info('service.started', { version: VERSION, host: config.LISTEN_HOST, port: config.DASHBOARD_PORT });
  await redis.connect();
}

void main();
