/** A worker on a test's Redis and queue; its log lines and its fatal errors are gathered for the test to judge. */
import { Writable } from 'node:stream';
import { createLogger, silentLogger } from '@postback/core/logger';
import type { QueueKeys } from '@postback/core/queue/keys';
import { createRedis } from '@postback/core/redis';
import { LOOPBACK } from '@postback/core/testing/loopbackTargets';
import type { TestRedis } from '@postback/core/testing/redisServer';
import { Registry } from 'prom-client';
import { parseDeliveryConfig } from '../src/config.js';
import { createWorker, type Worker } from '../src/worker.js';

export interface Line {
  readonly event: string;
  readonly [field: string]: unknown;
}

interface TestWorkerOptions {
  readonly server: TestRedis;
  readonly keys: QueueKeys;
  readonly consumer: string;
  readonly env: Readonly<Record<string, string>>;
  /** Each log line is put here. */
  readonly lines: Line[];
  readonly fatal: unknown[];
  readonly metrics?: Registry;
}

/** Not started yet. */
export function createTestWorker({ server, keys, consumer, env, lines, fatal, metrics }: TestWorkerOptions): Worker {
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const line of chunk.toString().trim().split('\n')) lines.push(JSON.parse(line) as Line);
      done();
    },
  });
  return createWorker({
    config: parseDeliveryConfig({ ALLOWED_TARGETS: LOOPBACK, ...env }),
    keys,
    consumer,
    metrics: metrics ?? new Registry(),
    logger: createLogger('delivery', 'debug', stream),
    connect: (name, blocking) => createRedis({ url: server.url, password: '', name, logger: silentLogger, blocking }),
    onFatal: (error) => fatal.push(error),
  });
}
