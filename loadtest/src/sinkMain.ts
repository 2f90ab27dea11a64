/**
 * The sink's process: answers as the third party until it is told to stop; a stop finishes the answers under way. On loopback it is a
 * resolver too, at the same port by UDP (sink/names.ts).
 */
import { loadConfig } from '@postback/core/config';
import { createLifecycle, runUntilSignal } from '@postback/core/lifecycle';
import { createLogger } from '@postback/core/logger';
import { parseSinkConfig } from './config.js';
import { startDnsServer } from '@postback/core/testing/dnsServer';
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
  if (config.LISTEN_HOST === '127.0.0.1') {
    const resolver = await startDnsServer({}, { port, otherwise: (name) => sink.names.lookUp(name) });
    lifecycle.onStop('resolver', () => resolver.close());
  }
  logger.info('service.started', { host: config.LISTEN_HOST, port });
}

void main();
