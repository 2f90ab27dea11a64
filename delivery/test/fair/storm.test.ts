/** A storm of due retries: first attempts hardly notice it, and it is over soon. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@postback/core/testing/eventually';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import type { RedisConnection } from '@postback/core/redis';
import { createHouse, quantile, type House } from './testHouse.js';

let server: TestRedis;
let redis: RedisConnection;
let house: House;

beforeAll(async () => {
  server = await startTestRedis();
  redis = await server.connect();
});
afterAll(() => server.stop());
beforeEach(() => (house = createHouse(server, redis, 'storm')));
afterEach(() => house.close(), 30_000);

const STORM = 20_000;
const PROBES = 200;

test('20,000 retries due at one moment: first attempts are nearly as quick, and all are made within a minute', async () => {
  const retried = await house.startEndpoint();
  const fresh = await house.startEndpoint();
  await house.queue.ensureGroups();
  await queueRetries(retried.origin);
  await house.startWorker({ ATTEMPT_TIMEOUT: '10s', CLAIM_IDLE: '30s' });
  const startedAt = performance.now();
  await offerFirstAttempts(fresh.origin, 0);
  await eventually('the first attempts are made', () => fresh.received.length === PROBES, 60_000);
  const retriedMeanwhile = retried.received.length;
  await eventually('the retries are made', () => retried.received.length >= STORM, 60_000);
  const stormMs = performance.now() - startedAt;
  expect(stormMs).toBeLessThan(60_000);
  await house.settled();
  await offerFirstAttempts(fresh.origin, PROBES);
  await house.settled();
  const [during, after] = [waits(0), waits(PROBES)].map((all) => quantile(all, 0.99)) as [number, number];
  expect(retriedMeanwhile).toBeGreaterThan(0);
  // One process is worker, sinks and test, and busy. Behind the retries they would wait for most of the storm.
  expect(during).toBeLessThanOrEqual(Math.max(2 * after, stormMs / 4));
}, 120_000);

async function offerFirstAttempts(origin: string, from: number): Promise<void> {
  for (let n = from; n < from + PROBES; n++) {
    await house.enqueue(origin, 1, n);
    await sleep(5);
  }
}

/** As the promoter leaves them: all at once in `retries`, one attempt made. */
async function queueRetries(origin: string): Promise<void> {
  await house.enqueue(origin, STORM);
  for (;;) {
    const request = { stream: house.keys.stream, consumer: 'test', count: 500, blockMs: 1 };
    const entries = await house.queue.readNew(redis, request);
    if (entries.length === 0) return;
    await Promise.all(entries.map((entry) => house.queue.delay(...retryOf(entry))));
  }
}

function retryOf(entry: { stream: string; streamId: string; fields: readonly string[] }) {
  const postback = {
    id: `0-${entry.streamId}`,
    endpointHash: entry.fields[3] as string,
    data: entry.fields[5] as string,
    attemptsMade: 1,
    history: [[Date.now(), 503, 1]] as const,
  };
  const held = { stream: entry.stream, streamId: entry.streamId, consumer: 'test' };
  return [held, { postback, delayMs: 1 }] as const;
}

/** Of the first attempts from that number on, from acceptance to attempt, ms. */
function waits(from: number): number[] {
  return house
    .attempts()
    .filter((line) => line['attempt'] === 1)
    .filter((line) => numberOf(line) >= from && numberOf(line) < from + PROBES)
    .map((line) => Number(line['queue_wait_ms']));
}

function numberOf(line: { readonly [field: string]: unknown }): number {
  return Number(String(line['url']).split('n=')[1]);
}
