/** The ingest service as main.ts wires it, on a free port, with a watch that looks often. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '@postback/core/clock';
import { silentLogger, type Fields, type Logger } from '@postback/core/logger';
import { queueKeys } from '@postback/core/queue/keys';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import { createRedis } from '@postback/core/redis';
import { createStats } from '@postback/core/queue/stats';
import { createSecretFiles } from '@postback/core/secrets/secretFiles';
import { createStatsFlusher } from '@postback/core/stats/flusher';
import { createStatsRecorder } from '@postback/core/stats/recorder';
import { createApiKeys } from '../src/access/apiKeys.js';
import { createKeyRates, type KeyRateSettings } from '../src/access/keyRates.js';
import { parseApiKeys } from '../src/access/parseApiKeys.js';
import { LOOPBACK_TARGETS } from '@postback/core/testing/loopbackTargets';
import { createRegistry } from '@postback/core/metrics/processMetrics';
import { createApp } from '../src/app.js';
import { quotaBytes } from '../src/destinationQuota.js';
import { describedApp } from '../../test/describedApp.js';
import { knownEndpoints } from '../src/knownEndpoints.js';
import { createIngestMetrics } from '../src/metrics/ingestMetrics.js';
import { watchConditions } from '../src/metrics/watchConditions.js';
import { deliveryReader } from '../src/readDelivery.js';
import { unreadyReasons } from '../src/watch/conditions.js';
import { createRedisWatch, type WatchSettings } from '../src/watch/redisWatch.js';

export interface TestIngest {
  readonly url: string;
  readonly queue: Queue;
  /** What was logged at warn and error. */
  readonly logged: { readonly event: string; readonly fields: Fields }[];
  post(body: string, headers?: Readonly<Record<string, string>>): Promise<TestAnswer>;
  readiness(): Promise<{ readonly status: number; readonly reasons: readonly string[] }>;
  stop(): Promise<void>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly type?: string; readonly detail?: string; readonly ids?: readonly string[] };
}

export interface TestIngestOptions extends Partial<WatchSettings> {
  /** With user and password where needed. */
  readonly redisUrl: string;
  readonly maxBacklog?: number;
  readonly destinationPercent?: number;
  readonly readDiskFree?: () => Promise<number>;
  /** As INGEST_API_KEYS. */
  readonly apiKeys?: string;
  readonly keyRate?: KeyRateSettings;
  readonly clock?: Clock;
  readonly secretsDirectory?: string;
}

export async function startTestIngest(options: TestIngestOptions): Promise<TestIngest> {
  const logged: TestIngest['logged'] = [];
  const keep = (event: string, fields: Fields = {}) => void logged.push({ event, fields });
  const logger: Logger = { ...silentLogger, warn: keep, error: keep };
  const redis = createRedis({ url: options.redisUrl, password: '', name: 'ingest', logger, failFast: true });
  const queue = createQueue(redis, queueKeys(0));
  const { durability = 'everysec', isDurabilityChecked = true } = options;
  const { memoryShedPercent = 75, minDiskFreeBytes = 1_000, readDiskFree } = options;
  const watch = createRedisWatch({
    redis,
    keys: queue.keys,
    logger,
    intervalMs: 50,
    settings: { durability, isDurabilityChecked, memoryShedPercent, minDiskFreeBytes },
    ...(readDiskFree && { readDiskFree }),
  });
  const { apiKeys = '', keyRate = { perSecond: 0, burst: undefined }, clock = systemClock } = options;
  const secrets = createSecretFiles({ directory: options.secretsDirectory ?? '', logger, intervalMs: 50 });
  await secrets.refresh();
  const reasons = () => (redis.isReady() ? unreadyReasons(watch.conditions()) : ['Redis cannot be reached']);
  const registry = createRegistry({ service: 'ingest', reasons });
  watchConditions(registry, watch);
  const stats = createStatsRecorder();
  const flusher = createStatsFlusher({ recorder: stats, stats: createStats(redis), logger, clock: systemClock });
  const app = createApp({
    metrics: createIngestMetrics(registry),
    apiKeys: createApiKeys({ keys: parseApiKeys(apiKeys), file: undefined, logger }),
    keyRates: createKeyRates(keyRate, clock),
    queue,
    stats,
    lookUp: knownEndpoints({ defaultValue: '', maxUrlBytes: 8_192, allowedTargets: LOOPBACK_TARGETS }),
    secrets,
    readDelivery: deliveryReader({
      caps: { MAX_DELAY: 60_000, TTL_MAX: 60_000, ATTEMPT_TIMEOUT_MAX: 10_000, RETRY_ATTEMPTS_MAX: 20 },
      defaultValue: '',
      now: () => Date.now(),
    }),
    logger,
    attemptDefaults: { scheduleMs: [5_000, 30_000], attempts: 4, ttlMs: 60_000, timeoutMs: 10_000 },
    now: () => Date.now(),
    maxBodyBytes: 1_048_576,
    enqueueTimeoutMs: 900,
    maxBacklog: options.maxBacklog ?? 1_000_000,
    idempotencyTtlMs: 60_000,
    destinationQuotaBytes: () => {
      const quota = { kind: 'percent', percent: options.destinationPercent ?? 50 } as const;
      return quotaBytes(quota, { maxmemoryBytes: watch.maxmemoryBytes(), memoryShedPercent });
    },
    conditions: () => watch.conditions(),
    isStopping: () => false,
    reasons,
  });
  const server = createServer(describedApp(app)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  watch.start();
  flusher.start();
  secrets.start();
  await redis.connect();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    queue,
    logged,
    post: async (body, headers = {}) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
      const response = await fetch(`${url}/ingest`, init);
      return {
        status: response.status,
        headers: response.headers,
        body: (await response.json()) as TestAnswer['body'],
      };
    },
    readiness: async () => {
      const response = await fetch(`${url}/readyz`);
      return { status: response.status, reasons: ((await response.json()) as { reasons: string[] }).reasons };
    },
    stop: async () => {
      await watch.stop();
      await flusher.stop();
      await secrets.stop();
      redis.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A request with `count` data objects of some `bytes` each. */
export function requestOf(count: number, bytes = 10, origin = 'http://127.0.0.1:9'): string {
  const endpoint = { method: 'GET', url: `${origin}/?n={n}` };
  const data = Array.from({ length: count }, (_, n) => ({ n, pad: 'x'.repeat(bytes) }));
  return JSON.stringify({ endpoint, data });
}
