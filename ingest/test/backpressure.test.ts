/** Scenarios 3, 11 and 15: short of room, ingest says so before Redis refuses, keeps nothing by halves, and recovers by itself. */
import { eventually } from '@postback/core/testing/eventually';
import { imbalance } from '@postback/core/queue/scripts/books';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import type { RedisConnection } from '@postback/core/redis';
import { requestOf, startTestIngest, type TestIngest, type TestIngestOptions } from './ingestServer.js';

const MIB = 2 ** 20;

let redis: TestRedis;
let worker: RedisConnection;
let ingest: TestIngest;

const start = async (options: Partial<TestIngestOptions> = {}, settings: readonly string[] = []) => {
  redis = await startTestRedis(['--maxmemory', '200mb', ...settings]);
  worker = await redis.connect();
  ingest = await startTestIngest({ redisUrl: redis.url, ...options });
  await ingest.queue.ensureGroups();
  await eventually('ready', async () => (await ingest.readiness()).status === 200);
};
afterEach(async () => {
  expect(imbalance(await ingest.queue.books())).toBe(0);
  await ingest.stop();
  await redis.stop();
});

/** As a worker would, up to so many. */
const deliver = async (limit: number) => {
  const { keys } = ingest.queue;
  const entries = await ingest.queue.readNew(worker, { stream: keys.stream, consumer: 'w', count: limit, blockMs: 1 });
  const byEndpoint = new Map<string, string[]>();
  for (const { streamId, fields } of entries) {
    const hash = fields[fields.indexOf('e') + 1] as string;
    byEndpoint.set(hash, [...(byEndpoint.get(hash) ?? []), streamId]);
  }
  if (entries.length > 0) await ingest.queue.settle(keys.stream, byEndpoint);
  return entries.length;
};
const deliverAll = async () => {
  while ((await deliver(1_000)) > 0);
};
const taken = async () => (await ingest.post(requestOf(1))).status === 202;

test('at MAX_BACKLOG a request is refused whole, and one that fits is taken as soon as there is room', async () => {
  await start({ maxBacklog: 100 });
  expect(await ingest.post(requestOf(95))).toMatchObject({ status: 202 });
  const refused = await ingest.post(requestOf(10));
  expect(refused).toMatchObject({ status: 503, body: { type: '/docs/errors/backlog-full' } });
  expect(refused.body.detail).toContain('95 postbacks are waiting and MAX_BACKLOG is 100');
  expect(refused.headers.get('retry-after')).toBe('5');
  expect((await ingest.readiness()).status).toBe(200);
  await deliver(5);
  expect(await ingest.post(requestOf(10))).toMatchObject({ status: 202 });
  expect(await ingest.queue.books()).toMatchObject({ accepted: 105, delivered: 5, waiting: 100 });
});

test('with every worker gone, memory is shed before Redis refuses, entries still move, and requests are taken again', async () => {
  await start({}, ['--maxmemory', '12mb']);
  let accepted = 0;
  const refused = await eventually('shedding', async () => {
    const answer = await ingest.post(requestOf(100, 1_000));
    if (answer.status === 202) accepted += 100;
    return answer.status === 202 ? undefined : answer;
  });
  expect(refused).toMatchObject({ status: 503, body: { type: '/docs/errors/memory-low' } });
  expect(refused.body.detail).toMatch(/Redis uses \d\d % of its maxmemory of 12 MiB; requests are taken below 7\d %/);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect((await ingest.readiness()).status).toBe(200);
  expect(await ingest.queue.books()).toMatchObject({ accepted, waiting: accepted });
  await deliverAll();
  await eventually('requests are taken again', taken);
  expect(await ingest.queue.books()).toMatchObject({ accepted: accepted + 1, delivered: accepted });
});

test('a Redis that refuses for want of memory all the same is told by the same type', async () => {
  await start({ memoryShedPercent: 1_000 }); // so that nothing is shed before
  await worker.send('', ['CONFIG', 'SET', 'maxmemory', '1mb']);
  const refused = await ingest.post(requestOf(2));
  expect(refused).toMatchObject({ status: 503, body: { type: '/docs/errors/memory-low' } });
  expect(await ingest.queue.books()).toMatchObject({ accepted: 0 });
  await worker.send('', ['CONFIG', 'SET', 'maxmemory', '200mb']);
  await eventually('requests are taken again', taken);
});

test('below MIN_DISK_FREE requests are refused and readiness says how much is free; with space they are taken', async () => {
  let freeBytes = 2_000 * MIB;
  await start({ minDiskFreeBytes: 1_024 * MIB, readDiskFree: () => Promise.resolve(freeBytes) });
  expect(await taken()).toBe(true);
  freeBytes = 812 * MIB;
  const refused = await eventually('shedding', async () => {
    const answer = await ingest.post(requestOf(1));
    return answer.status === 202 ? undefined : answer;
  });
  expect(refused).toMatchObject({ status: 503, body: { type: '/docs/errors/storage-low' } });
  expect(refused.headers.get('retry-after')).toBe('30');
  const detail = '812 MiB are free where Redis keeps its data and MIN_DISK_FREE is 1024 MiB';
  expect(await ingest.readiness()).toEqual({ status: 503, reasons: [detail] });
  await deliverAll();
  freeBytes = 1_024 * MIB;
  await eventually('requests are taken again', taken);
});

test('a disk that cannot be looked at is logged once and refuses nothing', async () => {
  await start({ readDiskFree: () => Promise.reject(new Error('ENOENT: no such directory')) });
  expect(await taken()).toBe(true);
  await eventually('logged', () => ingest.logged.length > 0);
  expect(ingest.logged).toMatchObject([{ fields: { condition: 'disk-unseen' } }]);
});

test('Redis paused for 3 s: each request is answered within 1 s, and then taken', async () => {
  await start();
  process.kill(redis.pid(), 'SIGSTOP');
  const pausedAt = performance.now();
  try {
    while (performance.now() - pausedAt < 3_000) {
      const startedAt = performance.now();
      const answers = await Promise.all(Array.from({ length: 20 }, () => ingest.post(requestOf(10))));
      expect(performance.now() - startedAt).toBeLessThan(1_500); // 1 s, and a machine under load
      for (const { status } of answers) expect(status).toBe(503);
    }
  } finally {
    process.kill(redis.pid(), 'SIGCONT');
  }
  await eventually('requests are taken again', taken);
});
