/** Scenarios 2, 8 and 14: a Redis that keeps less than promised, whose data vanished, or that is loading. */
import { eventually } from '@postback/core/testing/eventually';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { requestOf, startTestIngest, type TestIngest, type TestIngestOptions } from '../ingestServer.js';

const SAFE = ['--appendfsync', 'always', '--maxmemory', '200mb'];
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const startRedis = async (settings: readonly string[] = SAFE): Promise<TestRedis> => {
  const redis = await startTestRedis(settings);
  stops.push(() => redis.stop());
  return redis;
};
const startIngest = async (options: TestIngestOptions): Promise<TestIngest> => {
  const ingest = await startTestIngest(options);
  stops.push(() => ingest.stop());
  return ingest;
};
const isReady = (ingest: TestIngest) => async () => (await ingest.readiness()).status === 200;

describe('a Redis that is weaker than DURABILITY=always', () => {
  test.each([
    ['appendonly no', ['--appendonly', 'no']],
    ['appendfsync everysec', ['--appendfsync', 'everysec']],
    ['maxmemory-policy allkeys-lru', ['--maxmemory-policy', 'allkeys-lru']],
    ['maxmemory 0', ['--maxmemory', '0']],
  ])('with %s: readiness and each request are answered with 503 that names it', async (named, weaker) => {
    const redis = await startRedis([...SAFE, ...weaker]);
    const ingest = await startIngest({ redisUrl: redis.url, durability: 'always' });
    const reasons = await eventually('the reason', async () => {
      const found = (await ingest.readiness()).reasons;
      return found[0]?.includes(named) ? found : undefined;
    });
    expect(reasons).toHaveLength(1);
    const answer = await ingest.post(requestOf(1));
    expect(answer).toMatchObject({ status: 503, body: { type: '/docs/errors/durability-unmet' } });
    expect(answer.body.detail).toContain(named);
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(await ingest.queue.books()).toMatchObject({ accepted: 0 });
  });

  test('changed at run time is noticed, logged once, and over when it is put right', async () => {
    const redis = await startRedis();
    const ingest = await startIngest({ redisUrl: redis.url, durability: 'always' });
    await eventually('ready', isReady(ingest));
    expect(await ingest.post(requestOf(1))).toMatchObject({ status: 202 });
    const admin = await redis.connect();
    await admin.send('', ['CONFIG', 'SET', 'appendfsync', 'everysec']);
    await eventually('refused', async () => (await ingest.post(requestOf(1))).status === 503);
    await admin.send('', ['CONFIG', 'SET', 'appendfsync', 'always']);
    await eventually('taken again', async () => (await ingest.post(requestOf(1))).status === 202);
    const started = ingest.logged.filter(({ event }) => event === 'redis.condition_started');
    expect(started).toMatchObject([{ fields: { condition: 'appendfsync', refuses: 'durability-unmet' } }]);
  });

  test('everysec is enough when that is what was promised', async () => {
    const redis = await startRedis([...SAFE, '--appendfsync', 'everysec']);
    const ingest = await startIngest({ redisUrl: redis.url, durability: 'everysec' });
    await eventually('ready', isReady(ingest));
    expect(await ingest.post(requestOf(1))).toMatchObject({ status: 202 });
  });
});

describe('a Redis that forbids CONFIG', () => {
  const guarded = async () => {
    const redis = await startRedis();
    const admin = await redis.connect();
    await admin.send('', ['ACL', 'SETUSER', 'guest', 'on', '>secret', '~*', '&*', '+@all', '-config']);
    return redis.url.replace('//', '//guest:secret@');
  };

  test('is not ready, and says which setting vouches for it', async () => {
    const ingest = await startIngest({ redisUrl: await guarded(), durability: 'always' });
    await eventually('the reason', async () => {
      const { status, reasons } = await ingest.readiness();
      return status === 503 && reasons[0]?.includes('DURABILITY_CHECK=off');
    });
    expect(await ingest.post(requestOf(1))).toMatchObject({
      status: 503,
      body: { type: '/docs/errors/durability-unmet' },
    });
  });

  test('with DURABILITY_CHECK=off is used, with one warning', async () => {
    const ingest = await startIngest({ redisUrl: await guarded(), durability: 'always', isDurabilityChecked: false });
    await eventually('ready', isReady(ingest));
    expect(await ingest.post(requestOf(1))).toMatchObject({ status: 202 });
    expect(ingest.logged.map(({ event }) => event)).toEqual(['durability.unchecked']);
  });
});

test('a data set that vanished is an error, counted and logged once, and requests are taken', async () => {
  const redis = await startRedis();
  const ingest = await startIngest({ redisUrl: redis.url });
  await eventually('ready', isReady(ingest));
  const admin = await redis.connect();
  const losses = () =>
    ingest.logged.filter(({ event }) => event === 'data_set.lost').map(({ fields }) => fields['losses']);
  for (const lost of [1, 2]) {
    await admin.send('', ['FLUSHALL']);
    await eventually('the loss is noticed', () => losses().length === lost);
  }
  expect(losses()).toEqual([1, 2]);
  await eventually('requests are taken', async () => (await ingest.post(requestOf(1))).status === 202);
  expect(losses()).toHaveLength(2);
});

test('a Redis that is killed and loads its data slowly is waited for: 503, no loss, then 202', async () => {
  // A millisecond for each of the 4,000 commands of its file, and a look at its connections every 2 KiB.
  const slow = ['--key-load-delay', '1000', '--loading-process-events-interval-bytes', '2048'];
  const redis = await startRedis([...SAFE, ...slow]);
  const ingest = await startIngest({ redisUrl: redis.url });
  await eventually('ready', isReady(ingest));
  for (let n = 0; n < 4; n++) expect(await ingest.post(requestOf(1_000))).toMatchObject({ status: 202 });
  await redis.kill();
  const started = redis.start();
  await eventually(
    'loading is told',
    async () => (await ingest.readiness()).reasons[0] === 'Redis is loading its data',
  );
  const startedAt = performance.now();
  expect(await ingest.post(requestOf(1))).toMatchObject({
    status: 503,
    body: { type: '/docs/errors/queue-unavailable' },
  });
  expect(performance.now() - startedAt).toBeLessThan(1_500); // 1 s, and a machine under load
  await started;
  await eventually('requests are taken', async () => (await ingest.post(requestOf(1))).status === 202);
  expect(await ingest.queue.books()).toMatchObject({ accepted: 4_001, waiting: 4_001 });
  expect(ingest.logged.filter(({ event }) => event === 'data_set.lost')).toEqual([]);
});
