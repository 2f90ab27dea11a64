/** Workers, and many endpoints on loopback, each a destination of its own; what the tests of fairness measure. */
import { queueKeys, type QueueKeys } from '@postback/core/queue/keys';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import { imbalance } from '@postback/core/queue/scripts/books';
import type { RedisConnection } from '@postback/core/redis';
import { answerOk, startEndpointServer, type Answer, type EndpointServer } from '@postback/core/testing/endpointServer';
import type { TestRedis } from '@postback/core/testing/redisServer';
import type { Worker } from '../../src/worker.js';
import { settled } from '../settled.js';
import { createTestWorker, type Line } from '../testWorker.js';

export interface House {
  readonly keys: QueueKeys;
  readonly queue: Queue;
  readonly lines: Line[];
  /** The attempts so far, as logged. */
  attempts(): Line[];
  startWorker(env?: Record<string, string>): Promise<Worker>;
  startEndpoint(answer?: Answer): Promise<EndpointServer>;
  /** One GET per number from `from` on, to `<origin>/p?n=<number>`. */
  enqueue(origin: string, count: number, from?: number): Promise<void>;
  /** How many entries the parking scripts have moved so far. */
  parks(): number;
  settled(timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

const CHUNK = 1_000;

export function createHouse(server: TestRedis, redis: RedisConnection, name: string): House {
  const keys = queueKeys(0, name);
  const queue = createQueue(redis, keys);
  const lines: Line[] = [];
  const fatal: unknown[] = [];
  const workers: Worker[] = [];
  const endpoints: EndpointServer[] = [];
  return {
    keys,
    queue,
    lines,
    attempts: () => lines.filter((line) => line.event === 'postback.attempted'),
    startWorker: async (env = {}) => {
      const consumer = `${name}-${workers.length}`;
      const worker = createTestWorker({ server, keys, consumer, env: { ...ENV, ...env }, lines, fatal });
      workers.push(worker);
      await worker.start();
      return worker;
    },
    startEndpoint: async (answer = answerOk) => {
      const endpoint = await startEndpointServer(answer);
      endpoints.push(endpoint);
      return endpoint;
    },
    enqueue: async (origin, count, from = 0) => {
      const endpointJson = JSON.stringify({ method: 'GET', url: `${origin}/p?n={n}` });
      for (let at = from; at < from + count; at += CHUNK) {
        const length = Math.min(CHUNK, from + count - at);
        const data = Array.from({ length }, (_, n) => `{"n":${at + n}}`);
        await queue.enqueue({ endpointHash: origin, endpointJson, data });
      }
    },
    parks: () => lines.reduce((sum, line) => sum + (line.event === 'postbacks.parked' ? Number(line['count']) : 0), 0),
    settled: (timeoutMs) => settled(queue, timeoutMs),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await Promise.all(endpoints.map((endpoint) => endpoint.close()));
      expect(imbalance(await queue.books())).toBe(0);
      expect(fatal).toEqual([]);
    },
  };
}

/** Scaled down: a hanging attempt ends after a second and a half, what failed comes back soon. */
const ENV = {
  RETRY_SCHEDULE: '200ms',
  RETRY_ATTEMPTS: '50',
  ATTEMPT_TIMEOUT: '1500ms',
  CLAIM_IDLE: '10s',
  SHUTDOWN_TIMEOUT: '100ms',
  BREAKER_OPEN: '500ms',
  BREAKER_OPEN_MAX: '2s',
};

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
