/** Wires the delivery service. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { closeServer } from '@postback/core/closeServer';
import { loadConfig } from '@postback/core/config';
import { createLifecycle, runUntilSignal } from '@postback/core/lifecycle';
import { createLogger } from '@postback/core/logger';
import { queueKeys } from '@postback/core/queue/keys';
import { tellRiskySettings } from '@postback/core/metrics/riskySettings';
import { createRegistry } from '@postback/core/metrics/processMetrics';
import { createRedis } from '@postback/core/redis';
import { VERSION } from '@postback/core/version';
import { parseDeliveryConfig } from './config.js';
import { startHealthServer } from './health.js';
import { createWorker } from './worker.js';

async function main(): Promise<void> {
  const config = loadConfig(parseDeliveryConfig);
  const logger = createLogger('delivery', config.LOG_LEVEL);
  const lifecycle = createLifecycle(logger);
  runUntilSignal(lifecycle, logger);

  const consumer = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const metrics = createRegistry({ service: 'delivery', reasons: () => reasons() });
  tellRiskySettings(metrics, {
    'ALLOWED_TARGETS with every address': config.ALLOWED_TARGETS.some(({ range }) => range?.endsWith('/0')),
  });
  const worker = createWorker({
    config,
    metrics,
    keys: queueKeys(0),
    consumer,
    logger,
    connect: (name, blocking) =>
      createRedis({
        url: config.REDIS_URL,
        password: config.REDIS_PASSWORD,
        name: `delivery-${name}`,
        logger,
        blocking,
      }),
    onFatal: (error) => {
      throw error;
    },
  });
  let started = false;
  const reasons = () => {
    if (lifecycle.isStopping()) return ['the service is stopping'];
    return started ? worker.reasons() : ['Redis cannot be reached'];
  };
  const health = { host: config.LISTEN_HOST, port: config.DELIVERY_PORT };
  const server = await startHealthServer(health, { version: VERSION, reasons, metrics });
  lifecycle.onStop('health server', () => closeServer(server, { idleGraceMs: 0 }));
  lifecycle.onStop('worker', () => worker.stop());
  await worker.start();
  started = true;
  logger.info('service.started', { version: VERSION, consumer, concurrency: config.DELIVERY_CONCURRENCY });
}

void main();
