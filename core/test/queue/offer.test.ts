import { createQueue, type Queue } from '@postback/core/queue/queue';
import { readEntry } from '@postback/core/queue/entry';
import type { Idempotency } from '@postback/core/queue/scripts/enqueue';
import type { RedisConnection } from '@postback/core/redis';
import type { TestRedis } from '@postback/core/testing/redisServer';
import { ENDPOINT, useTestQueue } from './testQueue.js';

const KEY: Idempotency = { keyHash: 'key', fingerprint: 'bytes', ttlMs: 60_000 };

let server: TestRedis;
let redis: RedisConnection;
let queue: Queue;

useTestQueue((fresh) => void ({ server, redis, queue } = fresh));

const send = (...args: string[]) => redis.send(args[1] as string, args);
const objects = (n: number) => ({ ...ENDPOINT, data: Array.from({ length: n }, (_, i) => `{"a":${i}}`) });
const read = (count: number) => queue.readNew(redis, { stream: queue.keys.stream, consumer: 'a', count, blockMs: 1 });

describe('with a limit of the backlog', () => {
  test('a request that fits exactly is taken, one more object is refused whole', async () => {
    expect(await queue.offer(objects(6), { maxBacklog: 10 })).toMatchObject({ kind: 'accepted', isReplay: false });
    expect(await queue.offer(objects(5), { maxBacklog: 10 })).toEqual({ kind: 'backlog-full', backlog: 6 });
    expect(await queue.offer(objects(4), { maxBacklog: 10 })).toMatchObject({ kind: 'accepted' });
    expect(await queue.books()).toMatchObject({ accepted: 10, waiting: 10 });
  });

  test('what is pending, delayed or waits to be retried counts, what is delivered or dead does not', async () => {
    await queue.enqueue(objects(5));
    const entries = await read(4);
    const [pending, retried, delayed, dead] = entries;
    if (!pending || !retried || !delayed || !dead) throw new Error('nothing was read');
    const heldOf = ({ stream, streamId }: typeof pending) => ({ stream, streamId, consumer: 'a' });
    const postbackOf = ({ streamId, fields }: typeof pending) => readEntry(0, streamId, fields);
    await queue.handBack(heldOf(retried), postbackOf(retried));
    await queue.delay(heldOf(delayed), { postback: postbackOf(delayed), delayMs: 60_000 });
    const letter = { v: 1, reason: 'rejected' as const, detail: '', endpointJson: null };
    await queue.bury(heldOf(dead), { ...postbackOf(dead), ...letter });
    expect(await queue.offer(objects(1), { maxBacklog: 4 })).toEqual({ kind: 'backlog-full', backlog: 4 });
    await queue.settle(queue.keys.stream, new Map([['endpoint-hash', [pending.streamId]]]));
    expect(await queue.offer(objects(1), { maxBacklog: 4 })).toMatchObject({ kind: 'accepted' });
  });

  test('requests at the same moment do not exceed it together', async () => {
    const offers = await Promise.all(Array.from({ length: 50 }, () => queue.offer(objects(3), { maxBacklog: 100 })));
    expect(offers.filter(({ kind }) => kind === 'accepted')).toHaveLength(33);
    expect(await queue.books()).toMatchObject({ accepted: 99, waiting: 99 });
  });
});

describe('with an idempotency key', () => {
  test('the same bytes again get the first ids, and nothing is queued', async () => {
    const first = await queue.offer(objects(3), { idempotency: KEY });
    const again = await queue.offer(objects(3), { idempotency: KEY });
    expect(again).toEqual({ ...first, isReplay: true });
    expect(await queue.books()).toMatchObject({ accepted: 3 });
  });

  test('other bytes are a mismatch, and nothing is queued', async () => {
    await queue.offer(objects(3), { idempotency: KEY });
    const offered = await queue.offer(objects(2), { idempotency: { ...KEY, fingerprint: 'others' } });
    expect(offered).toEqual({ kind: 'idempotency-mismatch' });
    expect(await queue.books()).toMatchObject({ accepted: 3 });
  });

  test('100 requests at once over 5 connections queue exactly one', async () => {
    const connections = await Promise.all(Array.from({ length: 5 }, () => server.connect()));
    const queues = connections.map((connection) => createQueue(connection, queue.keys));
    const offers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => (queues[i % 5] as Queue).offer(objects(10), { idempotency: KEY })),
    );
    expect(offers.filter((offered) => offered.kind === 'accepted' && !offered.isReplay)).toHaveLength(1);
    expect(new Set(offers.map((offered) => offered.kind === 'accepted' && offered.ids.join())).size).toBe(1);
    expect(await queue.books()).toMatchObject({ accepted: 10 });
  });

  test('a refusal is not remembered: the same request is taken when there is room', async () => {
    expect(await queue.offer(objects(3), { maxBacklog: 2, idempotency: KEY })).toMatchObject({ kind: 'backlog-full' });
    expect(await queue.offer(objects(3), { maxBacklog: 3, idempotency: KEY })).toMatchObject({ isReplay: false });
    expect(await queue.offer(objects(3), { maxBacklog: 3, idempotency: KEY })).toMatchObject({ isReplay: true });
  });

  test('it is remembered for its time and no longer, and keys do not disturb each other', async () => {
    await queue.offer(objects(1), { idempotency: KEY });
    await queue.offer(objects(1), { idempotency: { ...KEY, keyHash: 'other' } });
    const ttl = (await send('PTTL', queue.keys.idempotency('key'))) as number;
    expect(ttl).toBeGreaterThan(50_000);
    expect(ttl).toBeLessThanOrEqual(60_000);
    expect(await queue.books()).toMatchObject({ accepted: 2 });
  });

  test('postbacks that are due later are queued once too, and count for the backlog', async () => {
    const later = { ...objects(3), settings: { delayMs: 60_000 } };
    const first = await queue.offer(later, { idempotency: KEY });
    expect(await queue.offer(later, { idempotency: KEY })).toEqual({ ...first, isReplay: true });
    expect(await queue.books()).toMatchObject({ accepted: 3, delayed: 3 });
    expect(await queue.offer(later, { maxBacklog: 5 })).toEqual({ kind: 'backlog-full', backlog: 3 });
  });

  test('without one nothing is stored for it', async () => {
    await queue.offer(objects(1), { maxBacklog: 10 });
    expect(await send('EXISTS', queue.keys.idempotency('key'), queue.keys.idempotency(''))).toBe(0);
  });

  test('at maxmemory the request is refused whole and its key stays unused', async () => {
    const used = /used_memory:(\d+)/.exec((await send('INFO', 'memory')) as string)?.[1];
    await send('CONFIG', 'SET', 'maxmemory', String(Number(used) - 1000));
    try {
      await expect(queue.offer(objects(2), { idempotency: KEY })).rejects.toThrow(/^OOM/);
    } finally {
      await send('CONFIG', 'SET', 'maxmemory', '0');
    }
    expect(await queue.offer(objects(2), { idempotency: KEY })).toMatchObject({ kind: 'accepted', isReplay: false });
  });
});
