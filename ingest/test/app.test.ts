import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '@postback/core/logger';
import { decodeRecord, readEntry } from '@postback/core/queue/entry';
import { queueKeys } from '@postback/core/queue/keys';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import { createRedis, type RedisConnection } from '@postback/core/redis';
import { bestOfThree } from '@postback/core/testing/bestOfThree';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { eventually } from '@postback/core/testing/eventually';
import { Registry } from 'prom-client';
import { LOOPBACK_TARGETS } from '@postback/core/testing/loopbackTargets';
import supertest from 'supertest';
import { createApp } from '../src/app.js';
import { createIngestMetrics } from '../src/metrics/ingestMetrics.js';
import { describedApp } from '../../test/describedApp.js';
import { knownEndpoints } from '../src/knownEndpoints.js';
import { deliveryReader } from '../src/readDelivery.js';

const SAMPLE = {
  endpoint: {
    method: 'GET',
    url: 'http://sample_domain_endpoint.com/data?title={mascot}&image={location}&foo={bar}',
  },
  data: [{ mascot: 'Gopher', location: 'https://blog.golang.org/gopher/gopher.png' }],
};

const CAPS = { MAX_DELAY: 60_000, TTL_MAX: 60_000, ATTEMPT_TIMEOUT_MAX: 10_000, RETRY_ATTEMPTS_MAX: 20 };

let redisServer: TestRedis;
let redis: RedisConnection;
let queue: Queue;
let server: Server;
let stopping = false;

beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = createRedis({ url: redisServer.url, password: '', name: 'ingest', logger: silentLogger, failFast: true });
  await redis.connect();
  queue = createQueue(redis, queueKeys(0, 'ingest-test'));
  await queue.ensureGroups();
  const app = createApp({
    metrics: createIngestMetrics(new Registry()),
    apiKeys: { isRequired: () => false, find: () => undefined },
    keyRates: () => undefined,
    queue,
    lookUp: knownEndpoints({ defaultValue: '', maxUrlBytes: 8_192, allowedTargets: LOOPBACK_TARGETS }),
    stats: { accepted: () => undefined },
    secrets: { find: () => ({ kind: 'refused', detail: 'there are none' }) },
    readDelivery: deliveryReader({ caps: CAPS, defaultValue: '', now: () => Date.now() }),
    logger: silentLogger,
    attemptDefaults: { scheduleMs: [5_000, 30_000], attempts: 4, ttlMs: 60_000, timeoutMs: 10_000 },
    now: () => Date.now(),
    maxBodyBytes: 1_048_576,
    enqueueTimeoutMs: 900,
    maxBacklog: 1_000_000,
    idempotencyTtlMs: 60_000,
    destinationQuotaBytes: () => undefined,
    conditions: () => [],
    reasons: () => (redis.isReady() ? [] : ['Redis cannot be reached']),
    isStopping: () => stopping,
  });
  server = createServer(describedApp(app)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  redis.destroy();
  await redisServer.stop();
  server.closeAllConnections();
  server.close();
});

const post = (body: string | object, path = '/ingest') =>
  supertest(server).post(path).set('Content-Type', 'application/json').send(body);
const accepted = async () => (await queue.books()).accepted;
const drain = async () => {
  const entries = await queue.readNew(redis, { stream: queue.keys.stream, consumer: 't', count: 1_000, blockMs: 1 });
  return entries.map((entry) => readEntry(0, entry.streamId, entry.fields));
};

describe.each(['/ingest', '/ingest.php', '/i'])('POST %s', (path) => {
  test("takes the brief's sample and answers with an id per data object", async () => {
    const response = await post(SAMPLE, path).expect(202);
    expect(response.body).toEqual({ accepted: 1, ids: [expect.stringMatching(/^0-\d{13}-\d+$/)] });
    const [postback] = await drain();
    expect(postback).toMatchObject({ id: response.body.ids[0], data: JSON.stringify(SAMPLE.data[0]) });
  });

  test('is the only method there', async () => {
    const response = await supertest(server).get(path).expect(405);
    expect(response.headers).toMatchObject({
      allow: 'POST',
      'content-type': 'application/problem+json; charset=utf-8',
    });
  });
});

test('an endpoint that may not be called is refused with 422, the setting that would permit it, and nothing queued', async () => {
  const before = await queue.books();
  const body = { endpoint: { method: 'GET', url: 'http://10.1.2.3:8080/{n}' }, data: [{ n: 1 }] };
  const response = await supertest(server).post('/ingest').send(body);
  const detail = '10.1.2.3 is a private address; ALLOWED_TARGETS=10.1.2.3:8080 would permit it';
  expect(response.status).toBe(422);
  expect(response.body).toMatchObject({
    type: '/docs/errors/forbidden-target',
    detail,
    errors: [{ pointer: '/endpoint/url', detail }],
  });
  expect(await queue.books()).toEqual(before);
});

test('all data objects are queued in order, as they were sent', async () => {
  const objects = Array.from({ length: 1_000 }, (_, n) => `{"n": ${n}, "big": 12345678901234567890, "p": 1.10}`);
  const body = `{"endpoint": ${JSON.stringify(SAMPLE.endpoint)}, "data": [${objects.join(' , ')}]}`;
  const response = await post(body).expect(202);
  const postbacks = await drain();
  expect(postbacks.map((postback) => postback.data)).toEqual(objects);
  expect(postbacks.map((postback) => postback.id)).toEqual(response.body.ids);
});

test('a host name with underscores, as in the sample, is kept', async () => {
  await post(SAMPLE).expect(202);
  const [postback] = await drain();
  expect(await queue.readEndpoint(postback?.endpointHash ?? '')).toContain('sample_domain_endpoint.com');
});

test('a delivery member schedules the postbacks and travels with them', async () => {
  const delivery = { delaySeconds: 50, ttlSeconds: 30, reference: 'order {n}' };
  const response = await post({ ...SAMPLE, delivery, data: [{ n: 1 }, { n: 2 }] }).expect(202);
  expect(await queue.books()).toMatchObject({ delayed: 2 });
  const records = (await redis.send('', ['HMGET', queue.keys.delayedEntries, ...response.body.ids])) as string[];
  expect(records.map(decodeRecord)).toMatchObject([
    { id: response.body.ids[0], data: '{"n":1}', settings: { delayMs: 50_000, ttlMs: 30_000 }, reference: 'order 1' },
    { id: response.body.ids[1], data: '{"n":2}', settings: { delayMs: 50_000, ttlMs: 30_000 }, reference: 'order 2' },
  ]);
});

describe('refused, with nothing queued', () => {
  const endpoint = JSON.stringify(SAMPLE.endpoint);
  const cases: [string, string, number, string, (string | undefined)?][] = [
    ['an empty body', '', 400, 'invalid-json'],
    ['a truncated body', '{"endpoint": {', 400, 'invalid-json'],
    ['text after the object', `{"endpoint": ${endpoint}, "data": [{}]} x`, 400, 'invalid-json'],
    ['another type at the top', '[]', 400, 'invalid-request', ''],
    ['a missing endpoint', '{"data": [{}]}', 400, 'invalid-request', '/endpoint'],
    ['missing data', `{"endpoint": ${endpoint}}`, 400, 'invalid-request', '/data'],
    ['no data objects', `{"endpoint": ${endpoint}, "data": []}`, 400, 'invalid-request', '/data'],
    ['a data item that is no object', `{"endpoint": ${endpoint}, "data": [{}, 3]}`, 400, 'invalid-request', '/data/1'],
    ['1,001 objects', `{"endpoint": ${endpoint}, "data": [${'{},'.repeat(1_000)}{}]}`, 400, 'invalid-request', '/data'],
    ['an unknown member', `{"endpont": ${endpoint}, "data": [{}]}`, 400, 'invalid-request', '/endpont'],
    [
      'a method we do not send',
      '{"endpoint": {"method": "TRACE", "url": "http://h/"}, "data": [{}]}',
      400,
      'invalid-request',
      '/endpoint/method',
    ],
    ['no method', '{"endpoint": {"url": "http://h/"}, "data": [{}]}', 400, 'invalid-request', '/endpoint'],
    [
      'an unknown endpoint member',
      '{"endpoint": {"method": "GET", "url": "http://h/", "heders": {}}, "data": [{}]}',
      400,
      'invalid-request',
      '/endpoint/heders',
    ],
    [
      'another scheme',
      '{"endpoint": {"method": "GET", "url": "ftp://h/"}, "data": [{}]}',
      400,
      'invalid-request',
      '/endpoint/url',
    ],
    [
      'a macro in the host',
      '{"endpoint": {"method": "GET", "url": "http://{h}/"}, "data": [{}]}',
      400,
      'invalid-request',
      '/endpoint/url',
    ],
    [
      'unbalanced braces',
      '{"endpoint": {"method": "GET", "url": "http://h/{a"}, "data": [{}]}',
      400,
      'invalid-request',
      '/endpoint/url',
    ],
    ['a duplicate key', `{"endpoint": ${endpoint}, "data": [{"a": 1, "a": 2}]}`, 400, 'invalid-request', '/data/0/a'],
    ['a lone surrogate', `{"endpoint": ${endpoint}, "data": [{"a": "\\ud800"}]}`, 400, 'invalid-request', '/data/0/a'],
    [
      'a value that would leave the path',
      '{"endpoint": {"method": "GET", "url": "http://h/a/{x}/b"}, "data": [{"x": ".."}]}',
      400,
      'invalid-request',
      '/data/0/x',
    ],
    [
      'a URL longer than 8 KiB',
      `{"endpoint": ${endpoint}, "data": [{"mascot": "${'&'.repeat(4_000)}"}]}`,
      400,
      'invalid-request',
    ],
    [
      'a setting over its cap',
      `{"endpoint": ${endpoint}, "delivery": {"delaySeconds": 61}, "data": [{}]}`,
      400,
      'invalid-request',
      '/delivery/delaySeconds',
    ],
  ];
  test.each(cases.map(([name, ...rest]) => [name, rest] as const))(
    '%s',
    async (_name, [body, status, type, pointer]) => {
      const before = await accepted();
      const response = await post(body).expect(status);
      expect(response.type).toBe('application/problem+json');
      expect(response.body).toMatchObject({ type: `/docs/errors/${type}`, status, title: expect.any(String) });
      if (pointer !== undefined) expect(response.body.errors[0].pointer).toBe(pointer);
      expect(await accepted()).toBe(before);
    },
  );

  test('a typing mistake, with the name that was meant', async () => {
    const response = await post(`{"endpont": ${endpoint}, "data": [{}]}`);
    expect(response.body.errors[0].detail).toContain('did you mean "endpoint"?');
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'])(
    'Content-Type %s',
    async (type) => {
      const response = await supertest(server).post('/ingest').set('Content-Type', type).send('{}').expect(415);
      expect(response.body.type).toBe('/docs/errors/unsupported-media-type');
    },
  );

  test('no Content-Type at all', async () => {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/ingest`, { method: 'POST', body: Buffer.from('{}') });
    expect(response.status).toBe(415);
  });

  test('a compressed body', async () => {
    await post(SAMPLE).set('Content-Encoding', 'gzip').expect(415);
  });

  test('a body over the limit', async () => {
    const response = await post(`{"pad": "${'x'.repeat(1_048_576)}"}`).expect(413);
    expect(response.body.type).toBe('/docs/errors/body-too-large');
  });

  test('a body that is not UTF-8', async () => {
    const body = Buffer.from('{"endpoint": "\xff"}', 'latin1');
    const { port } = server.address() as AddressInfo;
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`http://127.0.0.1:${port}/ingest`, { method: 'POST', headers, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: '/docs/errors/invalid-json', detail: 'the body is not UTF-8' });
  });

  test('nesting 40,000 deep, at once', async () => {
    const tookMs = await bestOfThree(100, async () => {
      const startedAt = performance.now();
      await post(`{"endpoint": ${endpoint}, "data": [${'['.repeat(40_000)}]}`).expect(400);
      return performance.now() - startedAt;
    });
    expect(tookMs).toBeLessThanOrEqual(100);
  });

  test('an address that is not there', async () => {
    const response = await supertest(server).get('/nowhere').expect(404);
    expect(response.body).toMatchObject({ type: '/docs/errors/not-found', status: 404 });
  });
});

test('keys such as __proto__ are data like any other', async () => {
  const object = '{"__proto__": {"a": 1}, "constructor": 2}';
  await post(`{"endpoint": ${JSON.stringify(SAMPLE.endpoint)}, "data": [${object}]}`).expect(202);
  expect((await drain())[0]?.data).toBe(object);
});

test('/healthz tells the version, /readyz that it is ready', async () => {
  expect((await supertest(server).get('/healthz').expect(200)).body).toEqual({ status: 'ok', version: '0.1.0' });
  expect((await supertest(server).get('/readyz').expect(200)).body).toEqual({ status: 'ready', reasons: [] });
});

test('while stopping, answers close their connection', async () => {
  stopping = true;
  const response = await post(SAMPLE).expect(202);
  stopping = false;
  expect(response.headers['connection']).toBe('close');
  await drain();
});

describe('without Redis', () => {
  const expectRefused = async () => {
    const startedAt = performance.now();
    const response = await post(SAMPLE).expect(503);
    expect(performance.now() - startedAt).toBeLessThan(1_500); // 1 s, and a machine under load
    expect(response.headers['retry-after']).toBe('1');
    expect(response.body).toMatchObject({ type: '/docs/errors/queue-unavailable', status: 503 });
  };

  test('stopped: 503 within 1 s, and back to 202 without a restart', async () => {
    await redisServer.kill();
    await expectRefused();
    const readiness = await supertest(server).get('/readyz').expect(503);
    expect(readiness.body.reasons).toEqual(['Redis cannot be reached']);
    await redisServer.start();
    await eventually('requests are taken again', async () => (await post(SAMPLE)).status === 202);
  });

  test('paused: 503 within 1 s, and what it had been sent is not lost sight of', async () => {
    process.kill(redisServer.pid(), 'SIGSTOP');
    await expectRefused();
    process.kill(redisServer.pid(), 'SIGCONT');
    await eventually('requests are taken again', async () => (await post(SAMPLE)).status === 202);
  });
});

test('a request cut off halfway is not queued', async () => {
  const before = await accepted();
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    'POST /ingest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"endpoint"',
  );
  socket.end();
  await once(socket.resume(), 'close');
  expect(await accepted()).toBe(before);
});
