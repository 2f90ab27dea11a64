import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from '@postback/core/testing/eventually';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { requestOf, startTestIngest, type TestIngest } from '../ingestServer.js';

const [ACME, OTHER, FREE] = ['acme-acme-acme-acme', 'other-other-other-other', 'free-free-free-free'];
let redis: TestRedis;
let ingest: TestIngest;
let now = 0;

beforeAll(async () => {
  redis = await startTestRedis(['--maxmemory', '200mb']);
});
beforeEach(async () => {
  now = 0;
  ingest = await startTestIngest({
    redisUrl: redis.url,
    apiKeys: `acme:${ACME},other:${OTHER}:100,free:${FREE}:0`,
    keyRate: { perSecond: 10, burst: 20 },
    clock: { now: () => now, monotonic: () => now },
  });
  await eventually('ready', async () => (await ingest.readiness()).status === 200);
});
afterEach(() => ingest.stop());
afterAll(() => redis.stop());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const accepted = async () => (await ingest.queue.books()).accepted;
const statuses = async (count: number, key: string, size = 1) => {
  const answers = [];
  for (let n = 0; n < count; n++) answers.push((await ingest.post(requestOf(size), bearer(key))).status);
  return answers;
};

test.each([
  ['no key', {}, 'Bearer realm="ingest"'],
  ['an unknown key', bearer('acme-acme-acme-acmE'), 'Bearer realm="ingest", error="invalid_token"'],
  ['an unknown key', { 'x-api-key': ACME.slice(1) }, 'Bearer realm="ingest", error="invalid_token"'],
  ['another scheme', { authorization: `Basic ${ACME}` }, 'Bearer realm="ingest"'],
])('%s: 401, and nothing is queued', async (_what, headers, challenge) => {
  const before = await accepted();
  const answer = await ingest.post(requestOf(1), headers);
  expect(answer).toMatchObject({ status: 401, body: { type: '/docs/errors/unauthorized' } });
  expect(answer.headers.get('www-authenticate')).toBe(challenge);
  expect(JSON.stringify(answer.body)).not.toContain('acme-acme');
  expect(await accepted()).toBe(before);
});

test.each([bearer(ACME), { 'x-api-key': ACME }, { authorization: `bearer ${ACME}` }])('%j opens', async (headers) => {
  const answer = await ingest.post(requestOf(1), headers);
  expect(answer.status).toBe(202);
  expect(answer.headers.get('x-api-key-name')).toBe('acme');
});

test('without a key a body is not waited for', async () => {
  const socket = connect(Number(new URL(ingest.url).port), '127.0.0.1');
  socket.write('POST /ingest HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n');
  const [head] = (await once(socket, 'data')) as [Buffer];
  expect(head.toString()).toMatch(/^HTTP\/1\.1 401 /);
  socket.destroy();
});

test('every address below takes a key, in any spelling; health and readiness do not', async () => {
  for (const path of ['/ingest', '/INGEST', '/ingest/', '/ingest.php', '/i', '/i/x', '/ingest/preview', '//ingest']) {
    const { status } = await fetch(`${ingest.url}${path}`, { method: 'POST', body: '{}' });
    expect([path, status]).toEqual([path, path === '//ingest' ? 404 : 401]);
  }
  expect((await fetch(`${ingest.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${ingest.url}/readyz`)).status).toBe(200);
});

test('an Idempotency-Key is that of its API key: another client may use the same', async () => {
  const headers = { 'idempotency-key': 'order-1' };
  const first = await ingest.post(requestOf(1), { ...bearer(FREE), ...headers });
  const other = await ingest.post(requestOf(2), { ...bearer(OTHER), ...headers });
  const again = await ingest.post(requestOf(1), { ...bearer(FREE), ...headers });
  expect([first.status, other.status, again.status]).toEqual([202, 202, 202]);
  expect(again.body.ids).toEqual(first.body.ids);
});

test('the burst is taken and not one more; a second later as many as the rate says; others are not held up', async () => {
  expect(await statuses(25, ACME)).toEqual([...Array(20).fill(202), ...Array(5).fill(429)]);
  expect(await statuses(2, OTHER)).toEqual([202, 202]);
  now += 1_000;
  expect(await statuses(12, ACME)).toEqual([...Array(10).fill(202), 429, 429]);
  expect(await statuses(50, FREE)).toEqual(Array(50).fill(202));
});

test('a request counts as many as it has data objects, and 429 says when to come back and what is left', async () => {
  const first = await ingest.post(requestOf(15), bearer(ACME));
  expect(first.headers.get('ratelimit-policy')).toBe('"key";q=20;qu="postbacks";w=2');
  expect(first.headers.get('ratelimit')).toBe('"key";r=5;t=2');
  const before = await accepted();
  const refused = await ingest.post(requestOf(12), bearer(ACME));
  expect(refused).toMatchObject({ status: 429, body: { type: '/docs/errors/too-many-requests' } });
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('ratelimit')).toBe('"key";r=5;t=2');
  expect(await accepted()).toBe(before);
  now += 1_000;
  expect(await statuses(1, ACME, 12)).toEqual([202]);
});

test('what was not accepted, or had been accepted before, costs nothing', async () => {
  const again = { ...bearer(ACME), 'idempotency-key': 'once' };
  await ingest.post(requestOf(10), again);
  for (let n = 0; n < 5; n++) await ingest.post(requestOf(10), again);
  for (let n = 0; n < 5; n++) await ingest.post('{', bearer(ACME));
  expect(await statuses(2, ACME, 10)).toEqual([202, 429]);
});

test('without a limit there is no RateLimit header', async () => {
  const answer = await ingest.post(requestOf(1), bearer(FREE));
  expect(answer.headers.get('ratelimit')).toBeNull();
});
