import { decodeRecord, readEntry, type Postback } from '@postback/core/queue/entry';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import type { RedisConnection } from '@postback/core/redis';
import { eventually } from '@postback/core/testing/eventually';
import type { TestRedis } from '@postback/core/testing/redisServer';
import { ENDPOINT, useTestQueue } from './testQueue.js';

let server: TestRedis;
let redis: RedisConnection;
let queue: Queue;

useTestQueue((fresh) => void ({ server, redis, queue } = fresh));

const read = async (stream: string, through: Queue = queue): Promise<Postback[]> => {
  const entries = await through.readNew(redis, { stream, consumer: 'a', count: 10_000, blockMs: 1 });
  return entries.map((entry) => readEntry(0, entry.streamId, entry.fields));
};
const numbered = (count: number) => Array.from({ length: count }, (_, n) => `{"n": ${n}}`);
const redisNow = async () => {
  const [seconds, micros] = (await redis.send('', ['TIME'])) as [string, string];
  return Number(seconds) * 1_000 + Number(micros) / 1_000;
};

describe('settings', () => {
  test('of a request and the references of its objects are read with each postback', async () => {
    const settings = { ttlMs: 60_000, timeoutMs: 500 };
    await queue.enqueue({ ...ENDPOINT, data: numbered(3), settings, references: ['a', 'b', 'c'] });
    const postbacks = await read(queue.keys.stream);
    expect(postbacks.map(({ data, reference }) => [data, reference])).toEqual([
      ['{"n": 0}', 'a'],
      ['{"n": 1}', 'b'],
      ['{"n": 2}', 'c'],
    ]);
    expect(postbacks.map((postback) => postback.settings)).toEqual([settings, settings, settings]);
  });

  test('that are empty are not stored', async () => {
    await queue.enqueue({ ...ENDPOINT, data: ['{}'], settings: {} });
    const [entry] = (await redis.send('', ['XRANGE', queue.keys.stream, '-', '+'])) as [[string, string[]]];
    expect(entry[1]).toEqual(['v', '1', 'e', 'endpoint-hash', 'd', '{}']);
  });
});

describe('a scheduled request', () => {
  test('waits in delayed, in the books, with contiguous ids that no later postback gets', async () => {
    const ids = await queue.enqueue({ ...ENDPOINT, data: numbered(50), settings: { delayMs: 60_000 } });
    const later = await queue.enqueue({ ...ENDPOINT, data: numbered(50) });
    expect(new Set([...ids, ...later]).size).toBe(100);
    expect(await queue.books()).toMatchObject({ accepted: 100, delayed: 50, waiting: 50 });
    expect((await redis.send('', ['HGET', queue.keys.endpoint('endpoint-hash'), 'refs'])) as string).toBe('100');
    const records = (await redis.send('', ['HMGET', queue.keys.delayedEntries, ...ids])) as string[];
    expect(records.map(decodeRecord)).toEqual(
      ids.map((id, n) => ({
        id,
        endpointHash: 'endpoint-hash',
        data: `{"n": ${n}}`,
        attemptsMade: 0,
        history: [],
        settings: { delayMs: 60_000 },
      })),
    );
  });

  test('is due so long after Redis accepted it, whatever any other clock says', async () => {
    const before = await redisNow();
    const [id = ''] = await queue.enqueue({ ...ENDPOINT, data: ['{}'], settings: { delayMs: 60_000 } });
    const due = Number(await redis.send('', ['ZSCORE', queue.keys.delayed, id]));
    expect(due - before).toBeGreaterThan(59_998);
    expect(due - (await redisNow())).toBeLessThanOrEqual(60_000);
  });

  test('for a time is due at that time, and at once if it has passed', async () => {
    const at = Math.round(await redisNow()) + 3_600_000;
    const [id = ''] = await queue.enqueue({ ...ENDPOINT, data: ['{}'], settings: { deliverAtMs: at } });
    expect(Number(await redis.send('', ['ZSCORE', queue.keys.delayed, id]))).toBe(at);
    await queue.enqueue({ ...ENDPOINT, data: ['{}'], settings: { deliverAtMs: at - 7_200_000 } });
    expect(await queue.promote(10)).toMatchObject({ promoted: 1 });
  });

  test('that is due joins the first attempts, with its id, data, settings and reference', async () => {
    const settings = { delayMs: 1, attempts: 2 };
    const ids = await queue.enqueue({ ...ENDPOINT, data: numbered(2), settings, references: ['"n":1', 'b'] });
    await eventually('both are due', async () => (await queue.promote(10)).nextInMs === undefined);
    expect(await read(queue.keys.retries)).toEqual([]);
    expect(await read(queue.keys.stream)).toMatchObject([
      { id: ids[0], data: '{"n": 0}', settings, reference: '"n":1', attemptsMade: 0 },
      { id: ids[1], data: '{"n": 1}', settings, reference: 'b', attemptsMade: 0 },
    ]);
  });

  test('wakes the promoters when it is the earliest, and only then', async () => {
    const heard: string[] = [];
    const listener = await server.connect();
    await listener.subscribe(queue.keys.wake, (message) => heard.push(message));
    for (const delayMs of [50_000, 60_000, 40_000]) {
      await queue.enqueue({ ...ENDPOINT, data: numbered(3), settings: { delayMs } });
    }
    await listener.send('', ['PING']);
    expect(heard).toHaveLength(2);
  });

  test('is refused whole when memory is full', async () => {
    const used = /used_memory:(\d+)/.exec((await redis.send('', ['INFO', 'memory'])) as string)?.[1];
    await redis.send('', ['CONFIG', 'SET', 'maxmemory', String(Number(used) - 1_000)]);
    const request = { ...ENDPOINT, data: numbered(2), settings: { delayMs: 60_000 } };
    await expect(queue.enqueue(request)).rejects.toThrow(/OOM/);
    await redis.send('', ['CONFIG', 'SET', 'maxmemory', '0']);
    expect(await queue.books()).toMatchObject({ accepted: 0, delayed: 0 });
    expect(await redis.send('', ['EXISTS', queue.keys.endpoint('endpoint-hash')])).toBe(0);
  });
});

test('many promoters at once move each postback exactly once', async () => {
  await queue.enqueue({ ...ENDPOINT, data: numbered(1_000), settings: { delayMs: 1 } });
  const others = await Promise.all(Array.from({ length: 8 }, () => server.connect()));
  const promoters = others.map((connection) => createQueue(connection, queue.keys));
  const moved = await Promise.all(
    promoters.map(async (promoter) => {
      let sum = 0;
      for (;;) {
        const { promoted, nextInMs } = await promoter.promote(7);
        sum += promoted;
        if (nextInMs === undefined) return sum;
      }
    }),
  );
  expect(moved.reduce((sum, count) => sum + count, 0)).toBe(1_000);
  expect(new Set((await read(queue.keys.stream)).map(({ id }) => id)).size).toBe(1_000);
});
