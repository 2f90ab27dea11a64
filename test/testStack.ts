/** Ingest and delivery on one Redis, with an endpoint of our own behind them: what a client sees, from its POST to what arrives. */
import { queueKeys } from '@postback/core/queue/keys';
import { imbalance } from '@postback/core/queue/scripts/books';
import { answerOk, startEndpointServer, type Answer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { eventually } from '@postback/core/testing/eventually';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { Registry } from 'prom-client';
import { createTestWorker, type Line } from '../delivery/test/testWorker.js';
import { startTestIngest, type TestIngest, type TestIngestOptions } from '../ingest/test/ingestServer.js';

export interface TestStack {
  readonly redis: TestRedis;
  readonly ingest: TestIngest;
  readonly endpoint: EndpointServer;
  /** Log lines of delivery. */
  readonly lines: Line[];
  readonly deliveryMetrics: Registry;
  /** Waits until nothing is left to deliver. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export interface TestStackOptions {
  /** Settings of delivery. */
  readonly env?: Readonly<Record<string, string>>;
  readonly ingest?: Partial<TestIngestOptions>;
  readonly answer?: Answer;
}

const QUICK = { RETRY_SCHEDULE: '20ms', ATTEMPT_TIMEOUT: '5s', CLAIM_IDLE: '10100ms' };
const SETTLED_WITHIN_MS = 30_000;

export async function startTestStack({
  env = {},
  ingest: options = {},
  answer,
}: TestStackOptions = {}): Promise<TestStack> {
  const redis = await startTestRedis(['--maxmemory', '200mb']);
  const endpoint = await startEndpointServer(answer ?? answerOk);
  const ingest = await startTestIngest({ redisUrl: redis.url, ...options });
  const lines: Line[] = [];
  const fatal: unknown[] = [];
  const deliveryMetrics = new Registry();
  const delivery = {
    server: redis,
    keys: queueKeys(0),
    consumer: 'worker',
    env: { ...QUICK, ...env },
    lines,
    fatal,
    metrics: deliveryMetrics,
  };
  const worker = createTestWorker(delivery);
  await worker.start();
  const books = () => ingest.queue.books();
  return {
    redis,
    ingest,
    endpoint,
    lines,
    deliveryMetrics,
    settled: async () => {
      const isEmpty = async () => {
        const { waiting, pending, delayed, parked } = await books();
        return waiting + pending + delayed + parked === 0;
      };
      await eventually('nothing is left to deliver', isEmpty, SETTLED_WITHIN_MS);
      expect(imbalance(await books())).toBe(0);
    },
    stop: async () => {
      await worker.stop();
      await ingest.stop();
      await endpoint.close();
      await redis.stop();
      expect(fatal).toEqual([]);
    },
  };
}
