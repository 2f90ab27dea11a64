/** What answers mean with the settings of a request, its endpoint and the installation, seen from the third party. */
import { queueKeys, type QueueKeys } from '@postback/core/queue/keys';
import type { PostbackSettings } from '@postback/core/queue/postbackSettings';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import { imbalance } from '@postback/core/queue/scripts/books';
import type { RedisConnection } from '@postback/core/redis';
import { answerOk, startEndpointServer, type Answer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { eventually } from '@postback/core/testing/eventually';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import type { Worker } from '../src/worker.js';
import { settled } from './settled.js';
import { createTestWorker, type Line } from './testWorker.js';

let server: TestRedis;
let redis: RedisConnection;
let keys: QueueKeys;
let queue: Queue;
let endpoint: EndpointServer;
let answer: Answer;
let arrivals: number[];
let lines: Line[];
let worker: Worker | undefined;
let round = 0;
const fatal: unknown[] = [];

beforeAll(async () => {
  server = await startTestRedis();
  redis = await server.connect();
});
afterAll(() => server.stop());

beforeEach(async () => {
  keys = queueKeys(0, `per-request-${round++}`);
  queue = createQueue(redis, keys);
  answer = answerOk;
  arrivals = [];
  lines = [];
  endpoint = await startEndpointServer((received, response, socket) => {
    arrivals.push(performance.now());
    answer(received, response, socket);
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await worker?.stop();
  worker = undefined;
  await endpoint.close();
  expect(imbalance(await queue.books())).toBe(0);
  expect(fatal.splice(0)).toEqual([]);
});

const SCALED = { RETRY_SCHEDULE: '20ms', RETRY_ATTEMPTS: '3', ATTEMPT_TIMEOUT: '2s', CLAIM_IDLE: '4100ms' };

async function startWorker(env: Record<string, string> = {}): Promise<void> {
  worker = createTestWorker({ server, keys, consumer: 'worker', env: { ...SCALED, ...env }, lines, fatal });
  await worker.start();
}

const enqueue = async (settings: PostbackSettings = {}, members: object = {}, reference = 'order 7') => {
  const endpointJson = JSON.stringify({ method: 'GET', url: `${endpoint.origin}/p`, ...members });
  const hash = `hash-${JSON.stringify(members).length}`;
  const [id] = await queue.enqueue({
    endpointHash: hash,
    endpointJson,
    data: ['{"n":1}'],
    settings,
    references: [reference],
  });
  return id as string;
};
const attempts = () => lines.filter((line) => line.event === 'postback.attempted');
const letter = async () => {
  const [text = 'null'] = (await redis.send('', ['HVALS', keys.deadEntries])) as string[];
  return JSON.parse(text) as Record<string, unknown> | null;
};
/** Answers with each status in turn; the last one repeats. */
const statuses = (list: number[], headers: Record<string, string> = {}): Answer => {
  return (_received, response) => {
    const status = list[Math.min(arrivals.length, list.length) - 1] ?? 200;
    response.writeHead(status, status < 400 ? {} : headers).end();
  };
};

describe('what an answer means', () => {
  test('410: one attempt, dead', async () => {
    answer = statuses([410]);
    await startWorker();
    const id = await enqueue();
    await settled(queue);
    expect(arrivals).toHaveLength(1);
    expect(await letter()).toMatchObject({
      id,
      reason: 'rejected',
      detail: 'HTTP 410',
      attemptsMade: 1,
      lastStatus: 410,
    });
  });

  test.each([408, 425, 429, 500, 503])('%i: tried again, then delivered', async (status) => {
    answer = statuses([status, 200]);
    await startWorker();
    await enqueue();
    await settled(queue);
    expect(attempts().map((line) => line['outcome'])).toEqual(['retry', 'delivered']);
  });

  test('the statuses of the installation, of the endpoint and of the request, all at once', async () => {
    answer = statuses([404, 418, 302]);
    await startWorker({ RETRY_STATUSES: '418' });
    await enqueue({ retryStatuses: [404] }, { success: [302] });
    await settled(queue);
    expect(attempts().map((line) => line['outcome'])).toEqual(['retry', 'retry', 'delivered']);
  });
});

describe('Retry-After', () => {
  test('of one second puts the next attempt off by a second, beyond the schedule', async () => {
    answer = statuses([429, 200], { 'Retry-After': '1' });
    await startWorker();
    await enqueue();
    await settled(queue);
    const [first = 0, second = 0] = arrivals;
    expect(second - first).toBeGreaterThanOrEqual(995);
    expect(attempts()[0]).toMatchObject({ outcome: 'retry', next_attempt_in_ms: 1_000 });
  });

  test('as a date counts from now', async () => {
    const date = new Date(Date.now() + 10_000).toUTCString();
    answer = statuses([503], { 'Retry-After': date });
    await startWorker();
    await enqueue();
    await eventually('it is delayed', async () => (await queue.books()).delayed === 1);
    expect(attempts()[0]?.['next_attempt_in_ms']).toBeGreaterThan(1_000);
    expect(attempts()[0]?.['next_attempt_in_ms']).toBeLessThanOrEqual(10_000);
  });

  test('that is huge is capped', async () => {
    answer = statuses([503, 200], { 'Retry-After': '86400' });
    await startWorker({ RETRY_AFTER_MAX: '150ms' });
    await enqueue();
    await settled(queue);
    expect(attempts()[0]).toMatchObject({ outcome: 'retry', next_attempt_in_ms: 150 });
  });

  test.each(['-5', 'soon', '1.5', '2026'.repeat(3) + 'x'])('"%s" is ignored', async (value) => {
    answer = statuses([503, 200], { 'Retry-After': value });
    await startWorker();
    await enqueue();
    await settled(queue);
    expect(attempts()[0]?.['next_attempt_in_ms']).toBeLessThanOrEqual(24);
  });
});

describe('settings of the request', () => {
  test('attempts and schedule replace those of the installation', async () => {
    answer = statuses([503]);
    await startWorker({ RETRY_SCHEDULE: '1h', RETRY_ATTEMPTS: '9' });
    await enqueue({ attempts: 3, scheduleMs: [50, 200] });
    await settled(queue);
    const [first = 0, second = 0, third = 0] = arrivals;
    expect(second - first).toBeGreaterThanOrEqual(40 - 2);
    expect(third - second).toBeGreaterThanOrEqual(160 - 2);
    expect(arrivals).toHaveLength(3);
    expect(attempts()[2]).toMatchObject({ attempt: 3, max_attempts: 3, outcome: 'dead' });
  });

  test('timeout ends an attempt earlier, never later than the installation allows', async () => {
    answer = () => undefined;
    await startWorker({ RETRY_ATTEMPTS: '1', ATTEMPT_TIMEOUT: '1s' });
    await enqueue({ timeoutMs: 100 });
    await enqueue({ timeoutMs: 60_000 });
    await settled(queue);
    const durations = attempts().map((line) => line['response_time_ms'] as number);
    expect(attempts().map((line) => line['error_class'])).toEqual(['timeout', 'timeout']);
    expect(durations[0]).toBeGreaterThanOrEqual(99);
    expect(durations[0]).toBeLessThan(900);
    expect(durations[1]).toBeGreaterThanOrEqual(999);
    expect(durations[1]).toBeLessThan(5_000);
  });

  test('delay: the first attempt comes then, as attempt 1, with no time in the queue on its account', async () => {
    await startWorker();
    const startedAt = performance.now();
    const id = await enqueue({ delayMs: 1_500 });
    await settled(queue);
    expect((arrivals[0] ?? 0) - startedAt).toBeGreaterThanOrEqual(1_495);
    expect(attempts()).toMatchObject([{ postback_id: id, attempt: 1, outcome: 'delivered' }]);
    expect(attempts()[0]?.['queue_wait_ms']).toBeLessThan(1_200);
    expect(await queue.books()).toMatchObject({ accepted: 1, delivered: 1 });
  });

  test('and the reference stay with the postback until it is dead', async () => {
    answer = statuses([503]);
    await startWorker();
    await enqueue({ attempts: 2, scheduleMs: [10] });
    await settled(queue);
    expect(attempts().map((line) => line['reference'])).toEqual(['order 7', 'order 7']);
    expect(await letter()).toMatchObject({ reference: 'order 7', settings: { attempts: 2, scheduleMs: [10] } });
  });
});

describe('ttl', () => {
  test('that ended while the postback waited: dead, without an attempt', async () => {
    const id = await enqueue({ ttlMs: 50 });
    await eventually('it is too old', async () => (await queue.time()) - Number(id.split('-')[1]) > 60);
    await startWorker();
    await settled(queue);
    expect(arrivals).toHaveLength(0);
    expect(await letter()).toMatchObject({ id, reason: 'expired', attemptsMade: 0, history: [] });
  });

  test('that would end before the next attempt: dead at once, with the last answer', async () => {
    answer = statuses([503]);
    await startWorker({ RETRY_SCHEDULE: '1h', TTL: '30m' });
    await enqueue();
    await settled(queue);
    expect(await letter()).toMatchObject({ reason: 'expired', attemptsMade: 1, lastStatus: 503 });
  });

  test('of a scheduled postback begins when it is due', async () => {
    await startWorker();
    await enqueue({ delayMs: 400, ttlMs: 300 });
    await settled(queue);
    expect(await queue.books()).toMatchObject({ delivered: 1, dead: 0 });
  });
});

test.each([-3_600_000, 3_600_000])('a clock of the worker that is wrong by %i ms changes nothing', async (wrongMs) => {
  const right = Date.now.bind(Date);
  jest.spyOn(Date, 'now').mockImplementation(() => right() + wrongMs);
  answer = statuses([503, 200]);
  await startWorker();
  const id = await enqueue({ ttlMs: 60_000, delayMs: 50, scheduleMs: [100] });
  await settled(queue);
  expect(await queue.books()).toMatchObject({ delivered: 1, dead: 0 });
  const [first = 0, second = 0] = arrivals;
  expect(second - first).toBeGreaterThanOrEqual(80 - 2);
  expect(second - first).toBeLessThan(10_000);
  const deliveredAt = Date.parse(attempts()[1]?.['delivered_at'] as string);
  expect(Math.abs(deliveredAt - Number(id.split('-')[1]))).toBeLessThan(10_000);
});

test('a promoter that sleeps is woken by a postback scheduled for soon', async () => {
  await startWorker();
  await enqueue({ delayMs: 3_600_000 });
  const startedAt = performance.now();
  await enqueue({ delayMs: 100 });
  await eventually('the second one arrives', () => arrivals.length === 1);
  expect(performance.now() - startedAt).toBeLessThan(4_000); // asleep it would look in 5 s
});

test('nothing due: the promoter looks once in five seconds, not more often', async () => {
  await startWorker();
  await enqueue({ delayMs: 3_600_000 });
  await redis.send('', ['CONFIG', 'RESETSTAT']);
  const startedAt = performance.now();
  await eventually('a second has passed', () => performance.now() - startedAt > 1_000);
  const stats = (await redis.send('', ['INFO', 'commandstats'])) as string;
  const scripts = Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  expect(scripts).toBeLessThanOrEqual(8); // claimer: two streams; what is known of destinations, and the parked ones
});
