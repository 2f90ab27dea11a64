import { acceptedAt, type Postback } from '@postback/core/queue/entry';
import type { Queue } from '@postback/core/queue/queue';
import type { Held } from '@postback/core/queue/scripts/held';
import type { RawEntry } from '@postback/core/queue/scripts/read';
import { readEntry } from '@postback/core/queue/entry';
import type { RedisConnection } from '@postback/core/redis';
import type { TestRedis } from '@postback/core/testing/redisServer';
import { ENDPOINT, useTestQueue } from './testQueue.js';

let server: TestRedis;
let redis: RedisConnection;
let queue: Queue;

useTestQueue((fresh) => void ({ server, redis, queue } = fresh));

const send = (...args: string[]) => redis.send(args[1] as string, args);
const read = (consumer = 'a', stream = queue.keys.stream) =>
  queue.readNew(redis, { stream, consumer, count: 1000, blockMs: 1 });
const held = (entry: RawEntry | undefined, consumer = 'a'): Held => {
  if (!entry) throw new Error('nothing was read');
  return { stream: entry.stream, streamId: entry.streamId, consumer };
};
const postbackOf = (entry: RawEntry | undefined): Postback => {
  if (!entry) throw new Error('nothing was read');
  return readEntry(0, entry.streamId, entry.fields);
};
const letterOf = (postback: Postback) => ({
  ...postback,
  v: 1,
  reason: 'rejected' as const,
  detail: 'HTTP 404',
  endpointJson: ENDPOINT.endpointJson,
});

describe('enqueue', () => {
  test('of several objects stores each verbatim, the endpoint once, and answers contiguous ids in order', async () => {
    const data = Array.from({ length: 1000 }, (_, n) => `{"n": ${n}, "big": 12345678901234567890}`);
    const ids = await queue.enqueue({ ...ENDPOINT, data });
    const entries = (await read()).map((entry) => postbackOf(entry));
    expect(entries.map((entry) => entry.data)).toEqual(data);
    expect(entries.map((entry) => entry.id)).toEqual(ids);
    expect(new Set(ids.map(acceptedAt)).size).toBe(1);
    expect(await send('HGETALL', queue.keys.endpoint('endpoint-hash'))).toEqual([
      'refs',
      '1000',
      'json',
      ENDPOINT.endpointJson,
    ]);
  });

  test('before the group exists is not hidden from it', async () => {
    await send('DEL', queue.keys.stream);
    await queue.enqueue({ ...ENDPOINT, data: ['{}'] });
    await queue.ensureGroups();
    expect(await read()).toHaveLength(1);
  });

  test('a waiting postback of 110 B costs at most 190 B', async () => {
    const data = Array.from({ length: 1000 }, (_, n) => JSON.stringify({ n: 1e6 + n, pad: 'x'.repeat(88) }));
    for (let i = 0; i < 10; i++) await queue.enqueue({ ...ENDPOINT, data });
    const bytes = (await send('MEMORY', 'USAGE', queue.keys.stream, 'SAMPLES', '0')) as number;
    expect(data[0]).toHaveLength(110);
    expect(bytes / 10_000).toBeLessThanOrEqual(190);
    await send('DEL', queue.keys.stream, queue.keys.totals);
    await queue.ensureGroups();
  });
});

describe('settle', () => {
  test('of some entries removes them, and the endpoint goes with its last postback', async () => {
    await queue.enqueue({ ...ENDPOINT, data: ['{}', '{}', '{}'] });
    const ids = (await read()).map((entry) => entry.streamId);
    await queue.settle(queue.keys.stream, new Map([['endpoint-hash', ids.slice(0, 2)]]));
    expect(await queue.readEndpoint('endpoint-hash')).toBe(ENDPOINT.endpointJson);
    expect(await queue.books()).toMatchObject({ accepted: 3, delivered: 2, pending: 1 });
    await queue.settle(queue.keys.stream, new Map([['endpoint-hash', ids.slice(2)]]));
    expect(await send('EXISTS', queue.keys.endpoint('endpoint-hash'))).toBe(0);
    expect(await send('XLEN', queue.keys.stream)).toBe(0);
  });

  test('done twice, as after a lost reply, counts once', async () => {
    await queue.enqueue({ ...ENDPOINT, data: ['{}', '{}'] });
    const [first] = await read();
    const deliveries = new Map([['endpoint-hash', [held(first).streamId]]]);
    expect(await queue.settle(queue.keys.stream, deliveries)).toBe(1);
    expect(await queue.settle(queue.keys.stream, deliveries)).toBe(0);
    expect(await queue.books()).toMatchObject({ delivered: 1, pending: 1 });
    expect(await send('HGET', queue.keys.endpoint('endpoint-hash'), 'refs')).toBe('1');
  });

  test('of an entry that is no longer known as pending, as after a power loss, takes it out and counts it', async () => {
    await queue.enqueue({ ...ENDPOINT, data: ['{}'] });
    const [entry] = await read();
    await send('XGROUP', 'DESTROY', queue.keys.stream, 'delivery');
    await queue.ensureGroups();
    const deliveries = new Map([['endpoint-hash', [held(entry).streamId]]]);
    expect(await queue.settle(queue.keys.stream, deliveries)).toBe(1);
    expect(await queue.readEndpoint('endpoint-hash')).toBeUndefined();
    expect(await queue.books()).toMatchObject({ delivered: 1, waiting: 0, pending: 0 });
  });

  test('of several endpoints adjusts each by its own share', async () => {
    await queue.enqueue({ ...ENDPOINT, data: ['{}', '{}'] });
    await queue.enqueue({ ...ENDPOINT, endpointHash: 'other', data: ['{}', '{}'] });
    const [a1, a2, b1] = (await read()).map((entry) => entry.streamId) as [string, string, string];
    await queue.settle(
      queue.keys.stream,
      new Map([
        ['endpoint-hash', [a1, a2]],
        ['other', [b1]],
      ]),
    );
    expect(await queue.readEndpoint('endpoint-hash')).toBeUndefined();
    expect(await send('HGET', queue.keys.endpoint('other'), 'refs')).toBe('1');
  });
});

describe('delay and promote', () => {
  test('bring a postback back with its id, its data and its history when it is due', async () => {
    const [id] = await queue.enqueue({ ...ENDPOINT, data: ['{"n": 1.10}'] });
    const [entry] = await read();
    const postback = { ...postbackOf(entry), attemptsMade: 1, history: [[1, 503, 12] as const] };
    expect(await queue.delay(held(entry), { postback, delayMs: 0 })).toBe(true);
    expect(await queue.books()).toMatchObject({ delayed: 1, pending: 0 });
    expect(await queue.promote(10)).toEqual({ promoted: 1, nextInMs: undefined });
    const [again] = await read('b', queue.keys.retries);
    expect(postbackOf(again)).toEqual({ ...postback, id });
  });

  test('what is not due stays, and promote tells how long', async () => {
    await queue.enqueue({ ...ENDPOINT, data: ['{}'] });
    const [entry] = await read();
    await queue.delay(held(entry), { postback: postbackOf(entry), delayMs: 60_000 });
    const { promoted, nextInMs } = await queue.promote(10);
    expect(promoted).toBe(0);
    expect(nextInMs).toBeGreaterThan(59_000);
    expect(nextInMs).toBeLessThanOrEqual(60_000);
  });

  test('only the earliest due time wakes the promoters', async () => {
    const heard: string[] = [];
    const listener = await server.connect();
    await listener.subscribe(queue.keys.wake, (message) => heard.push(message));
    await queue.enqueue({ ...ENDPOINT, data: ['{}', '{}', '{}'] });
    const entries = await read();
    for (const [index, delayMs] of [50_000, 60_000, 40_000].entries()) {
      await queue.delay(held(entries[index]), { postback: postbackOf(entries[index]), delayMs });
    }
    await listener.send('', ['PING']);
    expect(heard).toEqual(['50000', '40000']);
  });

  test.each(['delay', 'bury', 'handBack'] as const)('%s of an entry claimed by another moves nothing', async (move) => {
    await queue.enqueue({ ...ENDPOINT, data: ['{}'] });
    const [entry] = await read('a');
    await queue.claim({ stream: queue.keys.stream, consumer: 'b', idleMs: 0, limit: 10, suspects: false });
    const postback = postbackOf(entry);
    const moves = {
      delay: () => queue.delay(held(entry), { postback, delayMs: 1 }),
      bury: () => queue.bury(held(entry), letterOf(postback)),
      handBack: () => queue.handBack(held(entry), postback),
    };
    expect(await moves[move]()).toBe(false);
    expect(await queue.books()).toMatchObject({ pending: 1, delayed: 0, dead: 0, waiting: 0 });
  });
});

describe('bury', () => {
  test('keeps a self-contained letter and lets the endpoint go', async () => {
    const [id] = await queue.enqueue({ ...ENDPOINT, data: ['{"n":1}'] });
    const [entry] = await read();
    await queue.bury(held(entry), letterOf(postbackOf(entry)));
    const letter = JSON.parse((await send('HGET', queue.keys.deadEntries, id as string)) as string);
    expect(letter).toMatchObject({ id, reason: 'rejected', data: '{"n":1}', endpointJson: ENDPOINT.endpointJson });
    expect(await send('EXISTS', queue.keys.endpoint('endpoint-hash'))).toBe(0);
    expect(await queue.books()).toMatchObject({ dead: 1, pending: 0 });
  });
});

test('bury over a letter of the same id, restored meanwhile, counts the replaced one as purged', async () => {
  await queue.enqueue({ ...ENDPOINT, data: ['{"n":1}'] });
  const [entry] = await read();
  const letter = letterOf(postbackOf(entry));
  await send('ZADD', queue.keys.dead, '1', letter.id);
  await send('HSET', queue.keys.deadEntries, letter.id, JSON.stringify(letter));
  await send('HINCRBY', queue.keys.totals, 'accepted', '1');
  await queue.bury(held(entry), letter);
  expect(await queue.books()).toMatchObject({ accepted: 2, dead: 1, purged: 1 });
});

describe('handBack', () => {
  test('gives the postback to the next reader of retries, the attempt not counted', async () => {
    const [id] = await queue.enqueue({ ...ENDPOINT, data: ['{"n":1}'] });
    const [entry] = await read();
    await queue.handBack(held(entry), postbackOf(entry));
    const [again] = await read('b', queue.keys.retries);
    expect(postbackOf(again)).toMatchObject({ id, attemptsMade: 0, data: '{"n":1}' });
  });
});

describe('claim', () => {
  test('takes entries of a silent consumer and tells how often each was handed out', async () => {
    await queue.enqueue({ ...ENDPOINT, data: ['{"n":1}', '{"n":2}'] });
    await read('a');
    const request = { stream: queue.keys.stream, consumer: 'b', idleMs: 0, limit: 1, suspects: false };
    const { entries } = await queue.claim(request);
    expect(entries).toMatchObject([{ deliveryCount: 2, fields: expect.arrayContaining(['{"n":1}']) }]);
    expect((await queue.claim({ ...request, idleMs: 60_000 })).entries).toEqual([]);
  });

  test('of suspects takes one at a time and leaves the count of the others alone', async () => {
    await queue.enqueue({ ...ENDPOINT, data: ['{"n":1}', '{"n":2}', '{"n":3}'] });
    await read('a');
    const request = { stream: queue.keys.stream, consumer: 'b', idleMs: 0, limit: 2, suspects: false };
    expect((await queue.claim({ ...request, suspects: true })).entries).toEqual([]);
    expect((await queue.claim(request)).entries.map((entry) => entry.deliveryCount)).toEqual([2, 2]);
    expect((await queue.claim({ ...request, suspects: true })).entries).toMatchObject([{ deliveryCount: 3 }]);
    const counts = (await send('XPENDING', queue.keys.stream, 'delivery', '-', '+', '10')) as unknown[][];
    expect(counts.map((entry) => entry[3])).toEqual([3, 2, 1]);
  });

  test('of ids that somebody trimmed counts them in the books', async () => {
    await queue.enqueue({ ...ENDPOINT, data: ['{}', '{}'] });
    await read('a');
    await send('XTRIM', queue.keys.stream, 'MAXLEN', '1');
    const { trimmedIds } = await queue.claim({
      stream: queue.keys.stream,
      consumer: 'b',
      idleMs: 0,
      limit: 10,
      suspects: false,
    });
    expect(trimmedIds).toHaveLength(1);
    expect(await queue.books()).toMatchObject({ trimmed: 1, pending: 1, waiting: 0 });
  });
});

describe('removeConsumers', () => {
  test('removes the silent ones that hold nothing, and no other', async () => {
    await queue.enqueue({ ...ENDPOINT, data: ['{}'] });
    const [settled] = await read('idle');
    await queue.settle(queue.keys.stream, new Map([['endpoint-hash', [held(settled).streamId]]]));
    await queue.enqueue({ ...ENDPOINT, data: ['{}'] });
    await read('busy');
    expect(await queue.removeConsumers(queue.keys.stream, { silentMs: 60_000 })).toEqual([]);
    expect(await queue.removeConsumers(queue.keys.stream, { silentMs: 0, only: 'other' })).toEqual([]);
    expect(await queue.removeConsumers(queue.keys.stream, { silentMs: 0 })).toEqual(['idle']);
    expect(await queue.books()).toMatchObject({ pending: 1 });
  });
});

test('at maxmemory enqueue is refused whole and everything held can still be moved', async () => {
  await queue.enqueue({ ...ENDPOINT, data: ['{"a":1}', '{"a":2}', '{"a":3}', '{"a":4}', '{"a":5}'] });
  const entries = await read();
  await queue.delay(held(entries[0]), { postback: postbackOf(entries[0]), delayMs: 0 });
  const used = /used_memory:(\d+)/.exec((await send('INFO', 'memory')) as string)?.[1];
  await send('CONFIG', 'SET', 'maxmemory', String(Number(used) - 1000));
  try {
    await expect(queue.enqueue({ ...ENDPOINT, data: ['{}', '{}'] })).rejects.toThrow(/OOM/);
    expect(await queue.promote(10)).toMatchObject({ promoted: 1 });
    expect(await queue.delay(held(entries[1]), { postback: postbackOf(entries[1]), delayMs: 60_000 })).toBe(true);
    expect(await queue.bury(held(entries[2]), letterOf(postbackOf(entries[2])))).toBe(true);
    expect(await queue.handBack(held(entries[3]), postbackOf(entries[3]))).toBe(true);
    const rest = new Map([['endpoint-hash', [held(entries[4]).streamId]]]);
    expect(await queue.settle(queue.keys.stream, rest)).toBe(1);
    expect(
      await queue.claim({ stream: queue.keys.stream, consumer: 'b', idleMs: 0, limit: 9, suspects: true }),
    ).toBeDefined();
  } finally {
    await send('CONFIG', 'SET', 'maxmemory', '0');
  }
  expect(await queue.books()).toMatchObject({ accepted: 5, delivered: 1, waiting: 2, pending: 0, delayed: 1, dead: 1 });
});

test('a script that Redis has forgotten is sent again', async () => {
  await queue.enqueue({ ...ENDPOINT, data: ['{}'] });
  await send('SCRIPT', 'FLUSH');
  await queue.enqueue({ ...ENDPOINT, data: ['{}'] });
  expect(await queue.books()).toMatchObject({ accepted: 2, waiting: 2 });
});
