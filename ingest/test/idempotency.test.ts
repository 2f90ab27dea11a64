import { eventually } from '@postback/core/testing/eventually';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { readIdempotency } from '../src/idempotency.js';
import { requestOf, startTestIngest, type TestIngest } from './ingestServer.js';

let redis: TestRedis;
let ingest: TestIngest;
beforeAll(async () => {
  redis = await startTestRedis(['--maxmemory', '200mb']);
  ingest = await startTestIngest({ redisUrl: redis.url });
  await eventually('ready', async () => (await ingest.readiness()).status === 200);
});
afterAll(async () => {
  await ingest.stop();
  await redis.stop();
});

const withKey = (key: string) => ({ 'idempotency-key': key });
const accepted = async () => (await ingest.queue.books()).accepted;

test('the same request again gets the first answer, marked, and nothing is queued', async () => {
  const first = await ingest.post(requestOf(3), withKey('a'));
  const before = await accepted();
  const again = await ingest.post(requestOf(3), withKey('a'));
  expect(again).toMatchObject({ status: 202, body: first.body });
  expect(first.headers.get('idempotent-replayed')).toBeNull();
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await accepted()).toBe(before);
});

test('other bytes with the same key are refused with 422, and nothing is queued', async () => {
  await ingest.post(requestOf(3), withKey('b'));
  const before = await accepted();
  const other = await ingest.post(`${requestOf(3)} `, withKey('b'));
  expect(other).toMatchObject({ status: 422, body: { type: '/docs/errors/idempotency-mismatch' } });
  expect(await accepted()).toBe(before);
});

test('50 at once with one key queue one request, and all get its ids', async () => {
  const before = await accepted();
  const answers = await Promise.all(Array.from({ length: 50 }, () => ingest.post(requestOf(10), withKey('c'))));
  expect(new Set(answers.map(({ body }) => body.ids?.join())).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
  expect((await accepted()) - before).toBe(10);
});

test('an answer that was lost while Redis hung is safe to ask for again', async () => {
  const before = await accepted();
  process.kill(redis.pid(), 'SIGSTOP');
  try {
    expect(await ingest.post(requestOf(5), withKey('d'))).toMatchObject({ status: 503 });
  } finally {
    process.kill(redis.pid(), 'SIGCONT');
  }
  await eventually('taken', async () => (await ingest.post(requestOf(5), withKey('d'))).status === 202);
  await ingest.post(requestOf(5), withKey('d'));
  expect((await accepted()) - before).toBe(5);
});

test('without a key the same request is queued each time', async () => {
  const before = await accepted();
  await ingest.post(requestOf(1));
  await ingest.post(requestOf(1));
  expect((await accepted()) - before).toBe(2);
});

test.each(['two words', 'x'.repeat(256), 'é', 'a, b', ''])('the key "%s" is refused with 400', async (key) => {
  const before = await accepted();
  expect(await ingest.post(requestOf(1), withKey(key))).toMatchObject({
    status: 400,
    body: { type: '/docs/errors/invalid-request' },
  });
  expect(await accepted()).toBe(before);
});

test('keys of different scopes, and requests of different bytes, do not meet', () => {
  const request = { key: 'k', scope: 'one', body: Buffer.from('{}'), ttlMs: 1 };
  const one = readIdempotency(request);
  expect(readIdempotency({ ...request })).toEqual(one);
  expect(readIdempotency({ ...request, scope: 'two' })?.keyHash).not.toBe(one?.keyHash);
  expect(readIdempotency({ ...request, body: Buffer.from('{ }') })?.fingerprint).not.toBe(one?.fingerprint);
  expect(readIdempotency({ ...request, key: undefined })).toBeUndefined();
});
