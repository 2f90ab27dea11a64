import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { startTestIngest, type TestIngest } from '../ingestServer.js';

let redis: TestRedis;
let ingest: TestIngest;

beforeAll(async () => {
  redis = await startTestRedis(['--maxmemory', '100mb']);
  ingest = await startTestIngest({ redisUrl: redis.url });
});
afterAll(async () => {
  await ingest.stop();
  await redis.stop();
});

const REQUEST = { endpoint: { method: 'GET', url: 'http://127.0.0.1:9/?n={n}' }, data: [{ n: 1 }] };
const call = (body: string, init: RequestInit = {}) =>
  fetch(`${ingest.url}/ingest/preview`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    ...init,
  });

test('a preview shows what would be sent and queues nothing', async () => {
  const connection = await redis.connect();
  await ingest.queue.enqueue({ endpointHash: 'h', endpointJson: '{}', data: ['{}'] });
  const state = async () => ({ books: await ingest.queue.books(), keys: await connection.send('', ['KEYS', '*']) });
  const before = await state();
  const answer = await call(JSON.stringify(REQUEST), {
    headers: { 'content-type': 'application/json', 'idempotency-key': 'a' },
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    postbacks: [{ url: 'http://127.0.0.1:9/?n=1', body: null }],
    omitted: 0,
  });
  expect(await state()).toEqual(before);
  await connection.close();
});

test.each<[number, string, string, RequestInit]>([
  [400, 'invalid-json', '{', {}],
  [400, 'invalid-request', JSON.stringify({ ...REQUEST, data: [] }), {}],
  [415, 'unsupported-media-type', '{}', { headers: { 'content-type': 'text/plain' } }],
  [405, 'method-not-allowed', '{}', { method: 'PUT' }],
])('it answers %i (%s) where /ingest does', async (status, type, body, init) => {
  const answer = await call(body, init);
  expect(answer.status).toBe(status);
  const problem = (await answer.json()) as { requestId: string };
  expect(problem).toMatchObject({ type: `/docs/errors/${type}` });
  expect(problem.requestId).toBe(answer.headers.get('x-request-id'));
});

test('a request keeps a modest id that it came with, and gets one of ours instead of another', async () => {
  const idOf = async (id: string) =>
    (await call('{', { headers: { 'content-type': 'application/json', 'x-request-id': id } })).headers.get(
      'x-request-id',
    );
  expect(await idOf('0af7651916cd43dd8448eb211c80319c')).toBe('0af7651916cd43dd8448eb211c80319c');
  expect(await idOf('x"}{')).toMatch(/^[0-9a-f]{32}$/);
  expect(await idOf('x'.repeat(65))).toMatch(/^[0-9a-f]{32}$/);
});
