import { decodeRecord, encodeRecord, readEntry, type Postback } from '@postback/core/queue/entry';
import type { Queue } from '@postback/core/queue/queue';
import type { Held } from '@postback/core/queue/scripts/held';
import type { RawEntry } from '@postback/core/queue/scripts/read';
import type { RedisConnection } from '@postback/core/redis';
import type { TestRedis } from '@postback/core/testing/redisServer';
import { ENDPOINT, useTestQueue } from './testQueue.js';

let server: TestRedis;
let redis: RedisConnection;
let queue: Queue;

useTestQueue((fresh) => void ({ server, redis, queue } = fresh));

const DESTINATION = 'https://partner.example:443';
const send = (...args: string[]) => redis.send(args[1] as string, args);
const enqueue = (...data: string[]) => queue.enqueue({ ...ENDPOINT, data });
const read = (stream = queue.keys.stream, consumer = 'a') =>
  queue.readNew(redis, { stream, consumer, count: 1_000, blockMs: 1 });
const postbackOf = (entry: RawEntry): Postback => readEntry(0, entry.streamId, entry.fields);
const item = (entry: RawEntry, consumer = 'a'): { held: Held; postback: Postback } => ({
  held: { stream: entry.stream, streamId: entry.streamId, consumer },
  postback: postbackOf(entry),
});
const parkAll = async (destination = DESTINATION, stream = queue.keys.stream) =>
  queue.park(
    destination,
    (await read(stream)).map((entry) => item(entry)),
  );
const mentions = () =>
  Promise.all(
    [queue.keys.parkedOf(DESTINATION), queue.keys.parked, queue.keys.parkedBytes].map((key) => send('EXISTS', key)),
  );

describe('park and release', () => {
  test('bring postbacks back in their order with their ids and data, and leave nothing behind', async () => {
    const data = Array.from({ length: 450 }, (_, n) => `{"n": ${n}.10}`);
    const ids = await enqueue(...data);
    expect(await parkAll()).toBe(450);
    expect(await queue.books()).toMatchObject({ parked: 450, pending: 0, waiting: 0 });
    expect(await queue.release(DESTINATION, 100)).toBe(100);
    expect(await queue.release(DESTINATION, 1_000)).toBe(350);
    const back = (await read(queue.keys.retries)).map(postbackOf);
    expect(back.map(({ id }) => id)).toEqual(ids);
    expect(back.map((postback) => postback.data)).toEqual(data);
    expect(back.every(({ attemptsMade }) => attemptsMade === 0)).toBe(true);
    expect(await mentions()).toEqual([0, 0, 0]);
    expect(await queue.books()).toMatchObject({ parked: 0, pending: 450 });
  });

  test('keep the attempts, the settings and the reference, and write what every worker reads', async () => {
    await enqueue('{"a":1}');
    const [entry] = (await read()) as [RawEntry];
    const extras = { settings: { ttlMs: 60_000, scheduleMs: [5, 6] }, reference: 'order "7"' };
    const tried = {
      ...postbackOf(entry),
      attemptsMade: 2,
      history: [[1, 503, 2] as const, [3, 'timeout', 4] as const],
    };
    const postback = { ...tried, ...extras };
    await queue.park(DESTINATION, [{ ...item(entry), postback }]);
    const found = await queue.findParked(postback.id);
    expect(found && postbackOf(found.entry)).toEqual(postback);
    await queue.release(DESTINATION, 1);
    const [back] = (await read(queue.keys.retries)) as [RawEntry];
    expect(back.fields).toEqual(['r', encodeRecord(postback), 'p', '1']);
    expect(decodeRecord(back.fields[1] as string)).toEqual(postback);
  });

  test('of what came from both streams, handed out to several readers, take all of it', async () => {
    await enqueue('{"n":1}', '{"n":2}');
    await parkAll();
    await queue.release(DESTINATION, 1);
    await enqueue('{"n":3}');
    const items = [...(await read(queue.keys.retries, 'r')).map((entry) => item(entry, 'r'))];
    items.push(...(await read()).map((entry) => item(entry)));
    expect(await queue.park(DESTINATION, items)).toBe(2);
    await queue.release(DESTINATION, 9);
    const back = (await read(queue.keys.retries)).map((entry) => postbackOf(entry).data);
    expect(back).toEqual(['{"n":2}', '{"n":1}', '{"n":3}']);
  });

  test('done twice, as after a lost reply, move nothing twice', async () => {
    await enqueue('{}', '{}');
    const items = (await read()).map((entry) => item(entry));
    expect(await queue.park(DESTINATION, [...items, ...items])).toBe(2);
    expect(await queue.park(DESTINATION, items)).toBe(0);
    expect(await Promise.all([1, 2, 3].map(() => queue.release(DESTINATION, 2)))).toEqual([2, 0, 0]);
    expect(await send('XLEN', queue.keys.retries)).toBe(2);
    expect(await queue.books()).toMatchObject({ parked: 0, waiting: 2 });
  });

  test('of an entry that somebody else has claimed move only the others', async () => {
    await enqueue('{"n":1}', '{"n":2}');
    const items = (await read()).map((entry) => item(entry));
    await queue.claim({ stream: queue.keys.stream, consumer: 'b', idleMs: 0, limit: 1, suspects: false });
    expect(await queue.park(DESTINATION, items)).toBe(1);
    expect(await queue.books()).toMatchObject({ parked: 1, pending: 1 });
  });

  test('count bytes that are gone to the last one, in whatever order they leave', async () => {
    await enqueue('{"n":1}', '{"name":"longer"}', '{}');
    await parkAll();
    const [before] = await queue.parkedDestinations(10);
    await queue.release(DESTINATION, 1);
    await parkAll(DESTINATION, queue.keys.retries);
    expect(await queue.parkedDestinations(10)).toMatchObject([{ count: 3, bytes: before?.bytes }]);
  });

  test('work at maxmemory', async () => {
    await enqueue('{"n":1}', '{"n":2}');
    const items = (await read()).map((entry) => item(entry));
    const used = /used_memory:(\d+)/.exec((await send('INFO', 'memory')) as string)?.[1];
    await send('CONFIG', 'SET', 'maxmemory', String(Number(used) - 1_000));
    try {
      await expect(enqueue('{}')).rejects.toThrow(/OOM/);
      expect(await queue.park(DESTINATION, items)).toBe(2);
      expect(await queue.release(DESTINATION, 1)).toBe(1);
      expect(await queue.release('https://nobody.example:443', 1)).toBe(0);
    } finally {
      await send('CONFIG', 'SET', 'maxmemory', '0');
    }
    expect(await queue.books()).toMatchObject({ parked: 1, waiting: 1 });
  });

  test('survive a crash of Redis with the accounts in order', async () => {
    await enqueue('{"n":1}', '{"n":2}', '{"n":3}');
    await parkAll();
    await queue.release(DESTINATION, 1);
    await server.kill();
    await server.start();
    expect(await queue.books()).toMatchObject({ parked: 2, waiting: 1 });
    expect(await queue.release(DESTINATION, 9)).toBe(2);
    expect(await mentions()).toEqual([0, 0, 0]);
  });
});

describe('parkedDestinations', () => {
  test('name how much waits for each since when, the longest waiting first, a page at a time', async () => {
    const [first] = await enqueue('{"n":1}', '{"n":2}');
    await parkAll('http://b:80');
    for (const name of ['http://a:80', 'http://c:80']) {
      await new Promise((resolve) => setTimeout(resolve, 3));
      await enqueue('{}');
      await parkAll(name);
    }
    const all = await queue.parkedDestinations(10);
    expect(all.map(({ destination, count }) => [destination, count])).toEqual([
      ['http://b:80', 2],
      ['http://a:80', 1],
      ['http://c:80', 1],
    ]);
    expect(all[0]?.oldestAt).toBe(Number(first?.split('-')[1]));
    expect(await queue.parkedDestinations(1, 1)).toEqual([all[1]]);
  });
});

describe('findParked', () => {
  test('finds a postback among others, whichever destination it waits for, and no other', async () => {
    await enqueue(...Array.from({ length: 500 }, (_, n) => `{"n":${n}}`));
    await parkAll('http://other:80');
    const [id, ...others] = await enqueue(...Array.from({ length: 300 }, (_, n) => `{"m":${n}}`));
    await parkAll();
    const last = others.at(-1) as string;
    expect(await queue.findParked(last)).toMatchObject({ destination: DESTINATION });
    expect(await queue.findParked(last, DESTINATION)).toBeDefined();
    expect(await queue.findParked(last, 'http://other:80')).toBeUndefined();
    expect(await queue.findParked(`${id}9`)).toBeUndefined();
  });

  test('finds one that was parked behind a hundred thousand others that came after it', async () => {
    const [id = ''] = await enqueue('{"late":true}');
    const others =
      "for n = 1, 100000 do redis.call('XADD', KEYS[1], '*', 'v', '1', 'i', '0-1-' .. n, 'e', 'h', 'd', '{}') end";
    await send('EVAL', others, '1', queue.keys.parkedOf(DESTINATION));
    await parkAll();
    const startedAt = performance.now();
    const found = await queue.findParked(id, DESTINATION);
    if (process.env['SHOW_FIGURES']) process.stderr.write(`found in ${performance.now() - startedAt} ms\n`);
    expect(found?.entry.fields).toContain('{"late":true}');
  });
});

test('a parked postback costs at most 1.2 times what a waiting one costs, and is accounted for', async () => {
  const data = Array.from({ length: 1_000 }, (_, n) => JSON.stringify({ n: 1e6 + n, pad: 'x'.repeat(88) }));
  const endpoint = { ...ENDPOINT, endpointHash: 'h'.repeat(22) };
  const bytesOf = async (key: string) => (await send('MEMORY', 'USAGE', key, 'SAMPLES', '0')) as number;
  for (let i = 0; i < 10; i++) await queue.enqueue({ ...endpoint, data });
  const waiting = await bytesOf(queue.keys.stream);
  for (let i = 0; i < 10; i++) await parkAll();
  const parked = await bytesOf(queue.keys.parkedOf(DESTINATION));
  const [accounted] = await queue.parkedDestinations(1);
  expect(accounted?.count).toBe(10_000);
  expect(parked / waiting).toBeLessThanOrEqual(1.2);
  expect((accounted?.bytes ?? 0) / parked).toBeGreaterThan(0.9);
  expect((accounted?.bytes ?? 0) / parked).toBeLessThan(1.1);
});
