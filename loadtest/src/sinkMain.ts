/** The sink's process: answers as the third party until it is told to stop; a stop finishes the answers under way. */
import { loadConfig } from '@postback/core/config';
import { createLifecycle, runUntilSignal } from '@postback/core/lifecycle';
import { createLogger } from '@postback/core/logger';
import { parseSinkConfig } from './config.js';
import { preciseNow } from './preciseClock.js';
import { createSink } from './sink/server.js';

async function main(): Promise<void> {
  const config = loadConfig(parseSinkConfig);
  const logger = createLogger('sink', config.LOG_LEVEL);
  const lifecycle = createLifecycle(logger);
  runUntilSignal(lifecycle, logger);
  const sink = createSink({ now: preciseNow });
  const port = await sink.start({ host: config.LISTEN_HOST, port: config.SINK_PORT });
  lifecycle.onStop('sink', () => sink.stop());
  logger.info('service.started', { host: config.LISTEN_HOST, port });
}

void main();
