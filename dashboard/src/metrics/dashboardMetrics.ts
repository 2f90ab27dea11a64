/**
 * The dashboard's figures: its own requests, and those of the installation as a whole, which it reads from Redis when somebody asks. A Redis
 * that does not answer leaves them out; a scrape never waits for it longer than a second.
 */
import type { Clock } from '@postback/core/clock';
import { createHttpMetrics, type HttpMetrics } from '@postback/core/metrics/httpMetrics';
import { queueKeys, type QueueKeys } from '@postback/core/queue/keys';
import type { RedisConnection } from '@postback/core/redis';
import type { Request } from 'express';
import type { Registry } from 'prom-client';
import { tellInstallation } from './installationMetrics.js';
import { readInstallation, type InstallationReading } from './readInstallation.js';

export interface DashboardMetrics {
  readonly registry: Registry;
  readonly http: HttpMetrics;
  /** Reads the installation anew, unless that was done a moment ago. */
  readonly refresh: () => Promise<void>;
}

interface DashboardMetricsDeps {
  readonly registry: Registry;
  readonly redis: Pick<RedisConnection, 'send' | 'isReady'>;
  readonly keys?: QueueKeys;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Several who watch cost Redis no more than one. */
const FRESH_MS = 500;
const TIMEOUT_MS = 1_000;

export function createDashboardMetrics(deps: DashboardMetricsDeps): DashboardMetrics {
  const { registry, redis, keys = queueKeys(0), clock } = deps;
  let reading: InstallationReading | undefined;
  let readAt = -Infinity;

  tellInstallation(registry, () => reading);
  return {
    registry,
    http: createHttpMetrics(registry, routeOf),
    refresh: async () => {
      if (clock.monotonic() - readAt < FRESH_MS) return;
      reading = redis.isReady() ? await withinTime(readInstallation(redis, keys)) : undefined;
      readAt = clock.monotonic();
    },
  };
}

async function withinTime<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, TIMEOUT_MS, undefined)));
  const found = await Promise.race([answer.catch(() => undefined), late]);
  clearTimeout(timer);
  return found;
}

/** The pattern of the address, not the address; of files and of what is not there: `other`. */
function routeOf({ baseUrl, route }: Request): string {
  const path: unknown = (route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? baseUrl + path : 'other';
}
