import { decodeRecord } from '@postback/core/queue/entry';
import { queueKeys, type QueueKeys } from '@postback/core/queue/keys';
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
let lines: Line[];
let round = 0;
const workers: Worker[] = [];
const fatal: unknown[] = [];

beforeAll(async () => {
  server = await startTestRedis(['--appendfsync', 'always']); // a test kills it, and a busy disk puts off the writes of everysec
  redis = await server.connect();
});
afterAll(() => server.stop());

beforeEach(async () => {
  keys = queueKeys(0, `worker-${round++}`);
  queue = createQueue(redis, keys);
  answer = answerOk;
  endpoint = await startEndpointServer((received, response, socket) => answer(received, response, socket));
  lines = [];
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await endpoint.close();
  expect(imbalance(await queue.books())).toBe(0);
  expect(fatal.splice(0)).toEqual([]);
});

/** Delays scaled down; the deadline leaves room for a busy machine. */
const FAST = {
  RETRY_SCHEDULE: '50ms,100ms,200ms',
  RETRY_ATTEMPTS: '3',
  ATTEMPT_TIMEOUT: '2s',
  CLAIM_IDLE: '4100ms',
  SHUTDOWN_TIMEOUT: '300ms',
};

async function startWorker(env: Record<string, string> = {}): Promise<Worker> {
  const worker = createTestWorker({
    server,
    keys,
    consumer: `worker-${workers.length}`,
    env: { ...FAST, ...env },
    lines,
    fatal,
  });
  workers.push(worker);
  await worker.start();
  return worker;
}

let distinct = 0;
async function enqueue(endpointMembers: object, ...data: string[]): Promise<string[]> {
  const endpointJson = JSON.stringify({ method: 'GET', url: `${endpoint.origin}/p?n={n}`, ...endpointMembers });
  return queue.enqueue({ endpointHash: `hash-${distinct++}`, endpointJson, data });
}

const attempts = () => lines.filter((line) => line.event === 'postback.attempted');
const letters = async () => {
  const all = (await redis.send('', ['HVALS', keys.deadEntries])) as string[];
  return all.map((letter) => JSON.parse(letter) as Record<string, unknown>);
};

test('every data object is delivered once, with its id and its attempt, and nothing stays behind', async () => {
  await startWorker();
  const data = Array.from({ length: 300 }, (_, n) => `{"n":${n}}`);
  const ids = await enqueue({}, ...data);
  await settled(queue);
  const arrived = endpoint.received.map(({ url, headers }) => `${url} ${String(headers['postback-id'])}`);
  expect(arrived.sort()).toEqual(ids.map((id, n) => `/p?n=${n} ${id}`).sort());
  expect(new Set(endpoint.received.map(({ headers }) => headers['postback-attempt']))).toEqual(new Set(['1']));
  expect(await queue.books()).toMatchObject({ accepted: 300, delivered: 300 });
  expect(await redis.send('', ['KEYS', `{${keys.stream.slice(1, keys.stream.indexOf('}'))}}:endpoint:*`])).toEqual([]);
});

test('values arrive as they were sent: digits in the URL and the body, text percent-encoded', async () => {
  await startWorker();
  const object = '{"id": 12345678901234567890, "price": 1.10, "flag": true, "text": "Gopher & é"}';
  await enqueue({ method: 'POST', url: `${endpoint.origin}/p?i={id}&p={price}&f={flag}&t={text}&x={none}` }, object);
  await settled(queue);
  expect(endpoint.received).toMatchObject([
    {
      method: 'POST',
      url: '/p?i=12345678901234567890&p=1.10&f=true&t=Gopher%20%26%20%C3%A9&x=',
      body: object,
      headers: { 'content-type': 'application/json' },
    },
  ]);
});

test('the log line of an attempt tells delivery time, response code, response time and response body', async () => {
  await startWorker();
  const [id] = await enqueue({}, '{"n":1}');
  await settled(queue);
  expect(attempts()).toMatchObject([
    {
      postback_id: id,
      outcome: 'delivered',
      delivered_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      response_code: 200,
      response_time_ms: expect.any(Number),
      response_body: 'ok',
      attempt: 1,
      max_attempts: 3,
      method: 'GET',
      url: `${endpoint.origin}/p?n=1`,
      queue_wait_ms: expect.any(Number),
    },
  ]);
});

test('503 twice and then 200: three attempts at the scheduled times, one delivery', async () => {
  const times: number[] = [];
  answer = (_received, response) => {
    times.push(performance.now());
    response.writeHead(times.length < 3 ? 503 : 200).end();
  };
  await startWorker();
  await enqueue({}, '{"n":1}');
  await settled(queue);
  expect(attempts().map((line) => [line['outcome'], line['attempt']])).toEqual([
    ['retry', 1],
    ['retry', 2],
    ['delivered', 3],
  ]);
  const [first = 0, second = 0, third = 0] = times;
  const scheduled = attempts().map((line) => Number(line['next_attempt_in_ms']));
  expect(scheduled[0]).toBeLessThanOrEqual(60);
  expect(scheduled[1]).toBeLessThanOrEqual(120);
  expect(second - first).toBeGreaterThanOrEqual(40 - 2);
  expect(third - second).toBeGreaterThanOrEqual(80 - 2);
  expect(third - first).toBeLessThan(4_000); // by its due times, and not by the look that the promoter takes each 5 s
  expect(await queue.books()).toMatchObject({ delivered: 1, dead: 0 });
});

test('what the address guard refuses is dead at once and nothing arrives, while what is allowed goes on', async () => {
  await startWorker({ ALLOWED_TARGETS: `127.0.0.1:${new URL(endpoint.origin).port}` });
  const spellings = ['0177.0.0.1', 'localhost', '[::1]', '127.0.0.2', '127.3', '0.0.0.0', '10.255.255.1'];
  for (const spelling of spellings) {
    const port = spelling.startsWith('0177') ? '9' : new URL(endpoint.origin).port; // the first one is allowed at its own port
    await enqueue({ url: `http://${spelling}:${port}/?n={n}` }, '{"n":1}', '{"n":2}');
  }
  await enqueue({}, '{"n":3}');
  await settled(queue);
  expect(endpoint.received.map(({ url }) => url)).toEqual(['/p?n=3']);
  const dead = await letters();
  expect(dead).toHaveLength(2 * spellings.length);
  expect(new Set(dead.map((letter) => letter['reason']))).toEqual(new Set(['forbidden-target']));
  expect(dead[0]).toMatchObject({ attemptsMade: 1, detail: expect.stringContaining('ALLOWED_TARGETS=') });
  expect(lines.filter(({ event }) => event === 'delivery.paused')).toEqual([]);
});

test('after the last attempt the postback is dead, with its reason and its history', async () => {
  answer = (_received, response) => void response.writeHead(500).end('sorry');
  await startWorker();
  const [id] = await enqueue({}, '{"n":1}');
  await settled(queue);
  expect(await letters()).toMatchObject([
    {
      id,
      reason: 'attempts-exhausted',
      detail: 'HTTP 500',
      data: '{"n":1}',
      attemptsMade: 3,
      history: [
        [expect.any(Number), 500, expect.any(Number)],
        [expect.any(Number), 500, expect.any(Number)],
        [expect.any(Number), 500, expect.any(Number)],
      ],
      lastStatus: 500,
      lastBody: 'sorry',
    },
  ]);
  expect(endpoint.received).toHaveLength(3);
});

test('404 and a redirect: one attempt each, dead', async () => {
  answer = ({ url }, response) => void response.writeHead(url === '/p?n=1' ? 404 : 302, { location: '/x' }).end();
  await startWorker();
  await enqueue({}, '{"n":1}', '{"n":2}');
  await settled(queue);
  expect((await letters()).map((letter) => letter['reason']).sort()).toEqual(['redirect', 'rejected']);
  expect(endpoint.received).toHaveLength(2);
});

test('a slow endpoint does not stop the others, and one failed request does not kill the worker', async () => {
  answer = ({ url }, response, socket) => {
    if (url === '/p?n=0') return;
    if (url === '/p?n=1') return void socket.destroy();
    response.end('ok');
  };
  await startWorker({ RETRY_ATTEMPTS: '1', ATTEMPT_TIMEOUT: '1s' });
  await enqueue({}, ...Array.from({ length: 50 }, (_, n) => `{"n":${n}}`));
  await eventually('the healthy ones are delivered', async () => (await queue.books()).delivered === 48, 900);
  await settled(queue);
  expect(await queue.books()).toMatchObject({ delivered: 48, dead: 2 });
});

test('concurrency is never exceeded and is used', async () => {
  let now = 0;
  let most = 0;
  answer = (_received, response) => {
    most = Math.max(most, ++now);
    setTimeout(() => {
      now--;
      response.end();
    }, 10);
  };
  await startWorker({ DELIVERY_CONCURRENCY: '8' });
  await enqueue({}, ...Array.from({ length: 100 }, (_, n) => `{"n":${n}}`));
  await settled(queue);
  expect(most).toBe(7); // one of eight is the retries'
});

test('what a dead worker held is claimed and delivered by another', async () => {
  await enqueue({}, '{"n":1}', '{"n":2}');
  await queue.ensureGroups();
  await queue.readNew(redis, { stream: keys.stream, consumer: 'dead', count: 10, blockMs: 1 });
  await startWorker({ ATTEMPT_TIMEOUT: '400ms', CLAIM_IDLE: '1s' });
  await settled(queue);
  expect(endpoint.received).toHaveLength(2);
  expect(await queue.books()).toMatchObject({ delivered: 2 });
});

test('an entry handed out five times is not sent again but dead as poison; its neighbours live', async () => {
  const ids = await enqueue({}, '{"n":1}', '{"n":2}');
  await queue.ensureGroups();
  await queue.readNew(redis, { stream: keys.stream, consumer: 'dead', count: 10, blockMs: 1 });
  const poisoned = (ids[0] as string).replace(/^0-/, '');
  await redis.send('', ['XCLAIM', keys.stream, 'delivery', 'dead', '0', poisoned, 'RETRYCOUNT', '5']);
  await startWorker({ ATTEMPT_TIMEOUT: '400ms', CLAIM_IDLE: '1s' });
  await settled(queue);
  expect(await letters()).toMatchObject([{ id: ids[0], reason: 'poison', data: '{"n":1}' }]);
  expect(endpoint.received.map(({ url }) => url)).toEqual(['/p?n=2']);
});

test('an entry that is not ours is dead as unreadable, with what it held', async () => {
  await queue.ensureGroups();
  await redis.send('', ['XADD', keys.stream, '*', 'what', 'ever']);
  await redis.send('', ['HINCRBY', keys.totals, 'accepted', '1']);
  await startWorker();
  await settled(queue);
  expect(await letters()).toMatchObject([{ reason: 'unreadable', data: '["what","ever"]' }]);
});

test('entries of a newer format stay pending, are told by readiness, and never come closer to being poison', async () => {
  await queue.ensureGroups();
  await redis.send('', ['XADD', keys.stream, '*', 'v', '2', 'z', 'new']);
  await redis.send('', ['XADD', keys.retries, '*', 'r', '{"v":2,"z":"new"}\n{}']);
  await redis.send('', ['HINCRBY', keys.totals, 'accepted', '2']);
  const worker = await startWorker({ ATTEMPT_TIMEOUT: '100ms', CLAIM_IDLE: '250ms' });
  await eventually('both were found', () => worker.reasons().length > 0);
  expect(worker.reasons()).toEqual(['entries of format 2 found: this version is older than what wrote them']);
  await enqueue({}, '{"n":1}');
  await eventually('the others are delivered', async () => (await queue.books()).delivered === 1);
  await eventually('several claims have passed', async () => {
    const [info] = (await redis.send('', [
      'XPENDING',
      keys.stream,
      'delivery',
      'IDLE',
      '900',
      '-',
      '+',
      '1',
    ])) as unknown[];
    return info;
  });
  for (const stream of [keys.stream, keys.retries]) {
    const pending = (await redis.send('', ['XPENDING', stream, 'delivery', '-', '+', '9'])) as unknown[][];
    expect(pending.map(([, , , handOuts]) => handOuts)).toEqual([1]);
  }
  expect(await queue.books()).toMatchObject({ dead: 0, pending: 2 });
});

describe('pause', () => {
  const BY_HAND = { by: 'operator', reason: 'maintenance' } as const;

  test('lets what is under way finish, starts nothing, and a resume goes on; an operator is no fault', async () => {
    const finishers: (() => void)[] = [];
    answer = (_received, response) => void finishers.push(() => response.end('ok'));
    const worker = await startWorker();
    await enqueue({}, '{"n":1}');
    await eventually('one is under way', () => finishers.length === 1);
    await queue.pause(BY_HAND);
    await eventually('it is known', () => lines.some((line) => line.event === 'delivery.paused'));
    for (const finish of finishers) finish();
    await enqueue({}, '{"n":2}', '{"n":3}');
    await eventually('the first is settled', async () => (await queue.books()).delivered === 1);
    await eventually('the reads under way have ended', async () => (await queue.books()).waiting === 2);
    expect(worker.reasons()).toEqual([]);
    expect(endpoint.received).toHaveLength(1);
    answer = answerOk;
    await queue.resume();
    await settled(queue);
    expect(await queue.books()).toMatchObject({ delivered: 3 });
    expect(new Set(endpoint.received.map(({ headers }) => headers['postback-attempt']))).toEqual(new Set(['1']));
  });

  test('that was set before the start holds from the first moment', async () => {
    await enqueue({}, '{"n":1}');
    await queue.pause({ by: 'restore', reason: 'from a backup' });
    await startWorker();
    const failing = eventually('something is sent', () => endpoint.received.length > 0, 700);
    await expect(failing).rejects.toThrow('in vain');
    await queue.resume();
    await settled(queue);
  });

  test('the time to live stands still meanwhile', async () => {
    await enqueue({}, '{"n":1}');
    await queue.pause(BY_HAND);
    await startWorker({ TTL: '1s' });
    await eventually(
      'the ttl would be over',
      async () => Date.now() > ((await queue.readPauses()).current?.since ?? Infinity) + 1_500,
    );
    await queue.resume();
    await settled(queue);
    expect(await queue.books()).toMatchObject({ delivered: 1, dead: 0 });
  });

  test('because of poison in another version ends when this one starts', async () => {
    await enqueue({}, '{"n":1}');
    for (let n = 0; n < 10; n++) await queue.countPoison({ version: 'older', limit: 10, windowMs: 60_000 });
    expect((await queue.readPauses()).current).toBeDefined();
    await startWorker();
    await settled(queue);
    expect((await queue.readPauses()).current).toBeUndefined();
  });
});

test('a build that crashes on every entry: ten are dead, then delivery pauses and says so, the rest waits unspent', async () => {
  const ids = await enqueue({}, ...Array.from({ length: 30 }, (_, n) => `{"n":${n}}`));
  await queue.ensureGroups();
  await queue.readNew(redis, { stream: keys.stream, consumer: 'dead', count: 30, blockMs: 1 });
  const poisoned = ids.map((id) => id.replace(/^0-/, ''));
  await redis.send('', ['XCLAIM', keys.stream, 'delivery', 'dead', '0', ...poisoned, 'RETRYCOUNT', '5']);
  const worker = await startWorker({ ATTEMPT_TIMEOUT: '100ms', CLAIM_IDLE: '300ms' });
  await eventually('delivery is paused', () => worker.reasons().length > 0);
  expect(worker.reasons()[0]).toMatch(/delivery is paused: 10 postbacks have ended their workers/);
  expect(lines.filter((line) => line.event === 'delivery.paused')).toMatchObject([
    { level: 'error', paused_by: 'poison' },
  ]);
  await worker.stop();
  await startWorker({ ATTEMPT_TIMEOUT: '100ms', CLAIM_IDLE: '300ms' }); // a restart of the same version changes nothing
  await expect(eventually('more die', async () => (await queue.books()).dead > 10, 1_000)).rejects.toThrow('in vain');
  expect(await queue.books()).toMatchObject({ dead: 10, delivered: 0 });
  expect(endpoint.received).toEqual([]);
});

describe('stop', () => {
  test('lets attempts under way finish, settles them and removes its consumer', async () => {
    let finish: () => void = () => undefined;
    answer = (_received, response) => (finish = () => void response.end('ok'));
    const worker = await startWorker();
    await enqueue({}, '{"n":1}');
    await eventually('the attempt is under way', () => endpoint.received.length === 1);
    const stopping = worker.stop();
    setTimeout(() => finish(), 100);
    await stopping;
    workers.length = 0;
    expect(await queue.books()).toMatchObject({ delivered: 1, pending: 0 });
    expect(await redis.send('', ['XINFO', 'CONSUMERS', keys.stream, 'delivery'])).toEqual([]);
  });

  test('hands back what does not finish, the attempt not counted', async () => {
    answer = () => undefined;
    const worker = await startWorker({ ATTEMPT_TIMEOUT: '10s', CLAIM_IDLE: '30s' });
    const [id] = await enqueue({}, '{"n":1}');
    await eventually('the attempt is under way', () => endpoint.received.length === 1);
    const startedAt = performance.now();
    await worker.stop();
    workers.length = 0;
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await queue.books()).toMatchObject({ waiting: 1, pending: 0 });
    const [[, fields]] = (await redis.send('', ['XRANGE', keys.retries, '-', '+'])) as [[string, string[]]];
    expect(decodeRecord(fields[1] as string)).toMatchObject({ id, attemptsMade: 0, history: [] });
  });
});

test('stopped while Redis is gone and an attempt hangs: it ends soon all the same', async () => {
  answer = () => undefined;
  const worker = await startWorker({ ATTEMPT_TIMEOUT: '10s', CLAIM_IDLE: '30s' });
  await enqueue({}, '{"n":1}');
  await eventually('the attempt is under way', () => endpoint.received.length === 1);
  await server.kill();
  const startedAt = performance.now();
  await worker.stop();
  workers.length = 0;
  expect(performance.now() - startedAt).toBeLessThan(8_000);
  await server.start();
  await eventually('Redis is back', () => redis.isReady());
  expect(await queue.books()).toMatchObject({ pending: 1 });
});

test('Redis gone and back: deliveries go on, and what was delivered meanwhile is settled, not sent twice', async () => {
  const finishers: (() => void)[] = [];
  answer = (_received, response) => void finishers.push(() => response.end('ok'));
  await startWorker();
  await enqueue({}, '{"n":1}', '{"n":2}');
  await eventually('the attempts are under way', () => finishers.length === 2);
  await server.kill();
  for (const finish of finishers) finish();
  await server.start();
  await settled(queue);
  expect(endpoint.received).toHaveLength(2);
  expect(await queue.books()).toMatchObject({ delivered: 2 });
  answer = answerOk;
  await enqueue({}, '{"n":3}');
  await settled(queue);
  expect(endpoint.received).toHaveLength(3);
});

test('a flushed Redis: the groups are made again and new postbacks flow', async () => {
  await startWorker();
  await redis.send('', ['FLUSHALL']);
  await enqueue({}, '{"n":1}');
  await settled(queue);
  expect(endpoint.received).toHaveLength(1);
  expect(lines.map((line) => line.event)).toContain('queue.data_lost');
});

test('a retry that becomes due soon wakes the sleeping promoter', async () => {
  answer = (_received, response) => void response.writeHead(endpoint.received.length < 2 ? 503 : 200).end();
  await startWorker({ RETRY_SCHEDULE: '50ms' });
  const startedAt = performance.now();
  await enqueue({}, '{"n":1}');
  await settled(queue);
  expect(performance.now() - startedAt).toBeLessThan(4_000); // asleep it would look in 5 s
});
