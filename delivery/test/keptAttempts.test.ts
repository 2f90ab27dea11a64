/** What a worker tells of its attempts: the log, and what is kept to be looked up. */
import { createAttempts, type Attempts } from '@postback/core/queue/attempts';
import { queueKeys, type QueueKeys } from '@postback/core/queue/keys';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import { imbalance } from '@postback/core/queue/scripts/books';
import type { RedisConnection } from '@postback/core/redis';
import { startEndpointServer, type Answer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { eventually } from '@postback/core/testing/eventually';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import type { Worker } from '../src/worker.js';
import { createTestWorker, type Line } from './testWorker.js';

let server: TestRedis;
let redis: RedisConnection;
let keys: QueueKeys;
let queue: Queue;
let attempts: Attempts;
let endpoint: EndpointServer;
let answer: Answer;
let lines: Line[];
let worker: Worker;
let round = 0;
const fatal: unknown[] = [];

beforeAll(async () => {
  server = await startTestRedis();
  redis = await server.connect();
});
afterAll(() => server.stop());
beforeEach(async () => {
  keys = queueKeys(0, `kept-${round++}`);
  queue = createQueue(redis, keys);
  attempts = createAttempts(redis, keys);
  endpoint = await startEndpointServer((received, response, socket) => answer(received, response, socket));
  lines = [];
});
afterEach(async () => {
  await worker.stop();
  await endpoint.close();
  expect(imbalance(await queue.books())).toBe(0);
  expect(fatal.splice(0)).toEqual([]);
});

async function start(env: Record<string, string> = {}): Promise<void> {
  const fast = { RETRY_SCHEDULE: '50ms', RETRY_ATTEMPTS: '2', CLAIM_IDLE: '30s', SHUTDOWN_TIMEOUT: '300ms' };
  const allowed = { ALLOWED_TARGETS: '127.0.0.1' };
  worker = createTestWorker({ server, keys, consumer: 'w', env: { ...allowed, ...fast, ...env }, lines, fatal });
  await worker.start();
}

async function send(endpointMembers: object = {}, reference?: string): Promise<string> {
  const endpointJson = JSON.stringify({ method: 'POST', url: `${endpoint.origin}/p`, ...endpointMembers });
  const references = reference === undefined ? {} : { references: [reference] };
  const request = { endpointHash: `hash-${round}-${endpointJson.length}`, endpointJson, data: ['{"n":1}'] };
  return (await queue.enqueue({ ...request, ...references }))[0] as string;
}

const keptOf = (id: string, count: number) =>
  eventually(`${count} attempts are kept`, async () => {
    const found = await attempts.of(id);
    return found.length >= count ? found : undefined;
  });

test('each attempt can be looked up with what it met; the delivered one is there when the postback is gone', async () => {
  answer = ({ headers }, response) => {
    response.statusCode = headers['postback-attempt'] === '1' ? 503 : 200;
    response.end('said');
  };
  await start();
  const id = await send({}, 'order 7');
  await eventually('it is delivered', async () => (await queue.books()).delivered === 1);
  expect((await attempts.of(id)).at(-1)).toMatchObject({ outcome: 'delivered', attempt: 2 });
  const [first] = await keptOf(id, 2);
  expect(first).toMatchObject({
    id,
    reference: 'order 7',
    attempt: 1,
    maxAttempts: 2,
    outcome: 'retry',
    code: 503,
    destination: endpoint.origin,
    method: 'POST',
    url: `${endpoint.origin}/p`,
    responseBody: 'said',
    nextInMs: expect.any(Number),
    queueWaitMs: expect.any(Number),
    totalMs: expect.any(Number),
  });
});

test('nothing that REDACT names is in the log or in what is kept, but it is sent', async () => {
  answer = (_received, response) => void response.end('{"session":{"access_token":"canary"},"ok":true}');
  await start();
  const url = `${endpoint.origin.replace('//', '//me:canary@')}/p?api_key=canary&n={n}`;
  const id = await send({ url, headers: { 'X-Auth-Token': 'canary' } });
  const [kept] = await keptOf(id, 1);
  expect(kept?.url).toBe(`${endpoint.origin}/p?api_key=***&n=1`);
  expect(kept?.responseBody).toBe('{"session":{"access_token":"***"},"ok":true}');
  const all = (await redis.send('', ['HVALS', keys.attempts.delivered.rows])) as string[];
  expect(JSON.stringify([lines, all])).not.toContain('canary');
  expect(endpoint.received[0]?.url).toBe('/p?api_key=canary&n=1');
  expect(endpoint.received[0]?.headers).toMatchObject({ 'x-auth-token': 'canary' });
});

test.each([
  ['always', 'yes', 'no'],
  ['failures', undefined, 'no'],
  ['never', undefined, undefined],
])('LOG_RESPONSE_BODY=%s keeps of a success %s, of a failure %s', async (rule, ofSuccess, ofFailure) => {
  answer = ({ url }, response) => {
    const isGood = url.includes('good');
    response.statusCode = isGood ? 200 : 404;
    response.end(isGood ? 'yes' : 'no');
  };
  await start({ LOG_RESPONSE_BODY: rule });
  const good = await send({ url: `${endpoint.origin}/good` });
  const bad = await send({ url: `${endpoint.origin}/bad` });
  expect((await keptOf(good, 1))[0]?.responseBody).toBe(ofSuccess);
  expect((await keptOf(bad, 1))[0]?.responseBody).toBe(ofFailure);
  const logged = (id: string) =>
    lines.find((line) => line.event === 'postback.attempted' && line['postback_id'] === id);
  expect([logged(good)?.['response_body'], logged(bad)?.['response_body']]).toEqual([ofSuccess, ofFailure]);
  const letter = JSON.parse((await redis.send('', ['HGET', keys.deadEntries, bad])) as string) as { lastBody?: string };
  expect(letter.lastBody).toBe(ofFailure);
});

test('with memory full, postbacks are delivered, delayed and buried all the same; what is not kept is said', async () => {
  answer = ({ url }, response) => {
    response.statusCode = url.includes('good') ? 200 : 404;
    response.end();
  };
  await start();
  const good = await send({ url: `${endpoint.origin}/good` });
  await keptOf(good, 1);
  await queue.pause({ by: 'operator', reason: 'test' });
  await eventually('it is paused', async () => {
    await send({ url: `${endpoint.origin}/good` });
    return (await queue.books()).waiting > 1;
  });
  await send({ url: `${endpoint.origin}/bad` });
  await redis.send('', ['CONFIG', 'SET', 'maxmemory', '1mb']);
  try {
    await queue.resume();
    await eventually('all are settled', async () => {
      const { waiting, pending, dead } = await queue.books();
      return waiting + pending === 0 && dead === 1;
    });
  } finally {
    await redis.send('', ['CONFIG', 'SET', 'maxmemory', '0']);
  }
  expect(lines.filter(({ event }) => event === 'attempts.dropping')).toHaveLength(1);
});

test('what is kept takes no more than its share of a small Redis', async () => {
  answer = (_received, response) => void response.end('x'.repeat(2_048));
  const maxmemory = 24 * 1024 * 1024;
  await redis.send('', ['CONFIG', 'SET', 'maxmemory', String(maxmemory)]);
  try {
    await start();
    const endpointJson = JSON.stringify({ method: 'GET', url: `${endpoint.origin}/p` });
    for (let n = 1; n <= 3; n++) {
      await queue.enqueue({ endpointHash: 'small', endpointJson, data: Array.from({ length: 800 }, () => '{}') });
      await eventually('all are delivered', async () => (await queue.books()).delivered === n * 800, 20_000);
    }
    const bytes = Number(await redis.send('', ['HGET', keys.attemptsKept, 'delivered:bytes']));
    expect(bytes).toBeGreaterThan(maxmemory / 32);
    expect(bytes).toBeLessThanOrEqual(maxmemory / 16);
  } finally {
    await redis.send('', ['CONFIG', 'SET', 'maxmemory', '0']);
  }
}, 60_000);
