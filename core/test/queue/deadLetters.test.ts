import type { BuriedLetter } from '@postback/core/queue/deadLetter';
import { createDeadLetters, createRedriveJobs, createWaiting } from '@postback/core/queue/deadLetters';
import type { DeadLetters, RedriveJobs, Waiting } from '@postback/core/queue/deadLetters';
import { firstDueAt, readEntry, type Postback } from '@postback/core/queue/entry';
import type { Queue } from '@postback/core/queue/queue';
import type { DeadPlace } from '@postback/core/queue/scripts/readDead';
import type { RawEntry } from '@postback/core/queue/scripts/read';
import type { RedisConnection } from '@postback/core/redis';
import type { TestRedis } from '@postback/core/testing/redisServer';
import { ENDPOINT, useTestQueue } from './testQueue.js';

const JSON_TEXT = ENDPOINT.endpointJson;
const AGAIN = { endpointJson: JSON_TEXT, at: 1_700_000_000_000 };

let redis: RedisConnection;
let queue: Queue;
let dead: DeadLetters;
let waiting: Waiting;
let jobs: RedriveJobs;
let server: TestRedis;

useTestQueue((fresh) => {
  ({ server, redis, queue } = fresh);
  dead = createDeadLetters(redis, queue.keys);
  waiting = createWaiting(redis, queue.keys);
  jobs = createRedriveJobs(redis, queue.keys);
});

const send = (...args: string[]) => redis.send(args[1] as string, args);
const read = (stream = queue.keys.stream) => queue.readNew(redis, { stream, consumer: 'a', count: 10_000, blockMs: 1 });
const open = (entry: RawEntry): Postback => readEntry(0, entry.streamId, entry.fields);
const letterOf = (postback: Postback, reason: 'rejected' | 'cancelled' = 'rejected') => ({
  ...postback,
  v: 1,
  reason,
  detail: 'HTTP 404',
  endpointJson: JSON_TEXT,
});

async function buryAll(entries: readonly RawEntry[]): Promise<void> {
  const buried = entries.map((entry) => queue.bury({ ...entry, consumer: 'a' }, letterOf(open(entry))));
  expect(await Promise.all(buried)).not.toContain(false);
}

/** `count` postbacks that were attempted and died. */
async function die(count: number): Promise<string[]> {
  const data = Array.from({ length: count }, (_, n) => `{"a": ${n}, "big": 12345678901234567890}`);
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1000) {
    ids.push(...(await queue.enqueue({ ...ENDPOINT, data: data.slice(i, i + 1000) })));
  }
  await buryAll(await read());
  return ids;
}

async function findAll(ids: readonly string[]): Promise<BuriedLetter[]> {
  const found = await Promise.all(ids.map((id) => dead.find(id)));
  return found.filter((letter) => letter !== undefined);
}

async function atMaxmemory(work: () => Promise<void>): Promise<void> {
  const used = /used_memory:(\d+)/.exec((await send('INFO', 'memory')) as string)?.[1];
  await send('CONFIG', 'SET', 'maxmemory', String(Number(used) - 1000));
  try {
    await expect(queue.enqueue({ ...ENDPOINT, data: ['{}'] })).rejects.toThrow(/OOM/);
    await work();
  } finally {
    await send('CONFIG', 'SET', 'maxmemory', '0');
  }
}

describe('page', () => {
  test.each(['newest', 'oldest'] as const)('over 5,000 letters, %s first, gives each once', async (order) => {
    const ids = await die(5_000);
    // Many died in the same millisecond, more than fit on a page.
    for (const id of ids.slice(0, 1_000)) void send('ZADD', queue.keys.dead, '1700000000000', id);
    const seen: DeadPlace[] = [];
    let page: DeadPlace[];
    do {
      page = await dead.page({ order, count: 300, after: seen.at(-1) });
      seen.push(...page);
    } while (page.length > 0);
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(ids));
    expect(seen).toHaveLength(5_000);
    const times = seen.map(({ diedAt }) => diedAt);
    expect(times).toEqual([...times].sort((a, b) => (order === 'oldest' ? a - b : b - a)));
  });

  test('goes on behind a letter that is gone meanwhile, and stays within the time range', async () => {
    const ids = await die(4);
    for (const [n, id] of ids.entries()) await send('ZADD', queue.keys.dead, String(1000 + n), id);
    const [first] = await dead.page({ order: 'newest', count: 1 });
    await dead.discard(await dead.read([first as DeadPlace]), 'purged');
    const rest = await dead.page({ order: 'newest', count: 9, after: first, from: 1001, to: 1009 });
    expect(rest.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  });
});

describe('redrive', () => {
  test('keeps the id and the data, forgets the attempts, and stores the endpoint anew after it was deleted', async () => {
    const [id] = await die(1);
    const [letter] = (await findAll([id as string])) as [BuriedLetter];
    expect(await queue.readEndpoint('endpoint-hash')).toBeUndefined();
    expect(await dead.redrive(letter, AGAIN)).toBe(true);
    const [entry] = (await read(queue.keys.retries)) as [RawEntry];
    const postback = open(entry);
    expect(postback).toMatchObject({ id, data: letter.letter.data, attemptsMade: 0, history: [] });
    const ttlFrom = firstDueAt({ ...postback, id: '0-1-0' });
    expect(ttlFrom).toBe(AGAIN.at);
    expect(await queue.readEndpoint(postback.endpointHash)).toBe(JSON_TEXT);
    await queue.settle(entry.stream, new Map([[postback.endpointHash, [entry.streamId]]]));
    expect(await queue.readEndpoint(postback.endpointHash)).toBeUndefined();
    expect(await queue.books()).toMatchObject({ accepted: 1, delivered: 1, dead: 0 });
  });

  test('by twenty at once happens once', async () => {
    const [letter] = (await findAll(await die(1))) as [BuriedLetter];
    const moved = await Promise.all(Array.from({ length: 20 }, () => dead.redrive(letter, AGAIN)));
    expect(moved.filter(Boolean)).toHaveLength(1);
    expect(await queue.books()).toMatchObject({ waiting: 1, dead: 0 });
  });

  test('of a letter that was redriven and died again since it was read moves nothing', async () => {
    const [letter] = (await findAll(await die(1))) as [BuriedLetter];
    await dead.redrive(letter, AGAIN);
    await buryAll(await read(queue.keys.retries));
    await send('ZADD', queue.keys.dead, String(letter.diedAt + 1), letter.letter.id);
    expect(await dead.redrive(letter, AGAIN)).toBe(false);
    expect(await dead.discard([letter], 'purged')).toBe(0);
    expect(await queue.books()).toMatchObject({ dead: 1, purged: 0 });
  });

  test('with two letters of one endpoint counts its references', async () => {
    const letters = await findAll(await die(2));
    for (const letter of letters) await dead.redrive(letter, AGAIN);
    const entries = await read(queue.keys.retries);
    const { endpointHash } = open(entries[0] as RawEntry);
    await queue.settle(queue.keys.retries, new Map([[endpointHash, [(entries[0] as RawEntry).streamId]]]));
    expect(await queue.readEndpoint(endpointHash)).toBe(JSON_TEXT);
  });
});

describe('discard, overdue and restore', () => {
  test('purged and trimmed letters are counted once, however often they are discarded', async () => {
    const letters = await findAll(await die(5));
    expect(await dead.discard(letters.slice(0, 3), 'purged')).toBe(3);
    expect(await dead.discard(letters, 'trimmed')).toBe(2);
    expect(await dead.discard(letters, 'trimmed')).toBe(0);
    expect(await queue.books()).toMatchObject({ accepted: 5, purged: 3, trimmed: 2, dead: 0 });
    expect(await send('HLEN', queue.keys.deadEntries)).toBe(0);
  });

  test('the oldest beyond an age or a number are overdue', async () => {
    const ids = await die(5);
    for (const [n, id] of ids.slice(0, 2).entries()) await send('ZADD', queue.keys.dead, String(1000 + n), id);
    const limits = { maxAgeMs: 60_000, maxCount: 100 };
    const idsOf = (places: readonly DeadPlace[]) => places.map(({ id }) => id);
    expect(idsOf(await dead.overdue(limits, 10))).toEqual(ids.slice(0, 2));
    expect(idsOf(await dead.overdue(limits, 1))).toEqual(ids.slice(0, 1));
    expect(await dead.overdue({ ...limits, maxCount: 1 }, 10)).toHaveLength(4);
    expect(await dead.overdue({ maxAgeMs: 1e12 * 2, maxCount: 5 }, 10)).toEqual([]);
  });

  test('a trimmed letter comes back once, accepted anew, and not at once overdue', async () => {
    const [buried] = (await findAll(await die(1))) as [BuriedLetter];
    await dead.discard([buried], 'trimmed');
    expect(await dead.restore(buried.letter)).toBe(true);
    expect(await dead.restore(buried.letter)).toBe(false);
    expect((await dead.find(buried.letter.id))?.letter).toEqual(buried.letter);
    expect(await dead.overdue({ maxAgeMs: 60_000, maxCount: 10 }, 10)).toEqual([]);
    expect(await queue.books()).toMatchObject({ accepted: 2, trimmed: 1, dead: 1 });
  });
});

describe('cancel', () => {
  const spotOf = ({ stream, streamId }: RawEntry) => ({ kind: 'stream' as const, stream, streamId });

  test('of a waiting postback makes it a dead letter that is counted as cancelled only', async () => {
    await queue.enqueue({ ...ENDPOINT, data: ['{}'] });
    const [entry] = (await waiting.peekStream(queue.keys.stream, '', 10)) as [RawEntry];
    const letter = letterOf(open(entry), 'cancelled');
    expect(await waiting.cancel(spotOf(entry), letter)).toBe(true);
    expect(await waiting.cancel(spotOf(entry), letter)).toBe(false);
    expect(await read()).toEqual([]);
    expect(await queue.books()).toMatchObject({ accepted: 1, cancelled: 1, dead: 0, waiting: 0 });
    expect(await queue.readEndpoint('endpoint-hash')).toBeUndefined();
    const [buried] = (await findAll([letter.id])) as [BuriedLetter];
    expect(await dead.redrive(buried, AGAIN)).toBe(true);
    expect(await queue.books()).toMatchObject({ cancelled: 0, dead: 0, waiting: 1 });
  });

  test('works on a stream whose group does not exist yet', async () => {
    await send('XGROUP', 'DESTROY', queue.keys.stream, 'delivery');
    await queue.enqueue({ ...ENDPOINT, data: ['{}'] });
    const [entry] = (await waiting.peekStream(queue.keys.stream, '', 10)) as [RawEntry];
    expect(await waiting.isPending(entry)).toBe(false);
    expect(await waiting.cancel(spotOf(entry), letterOf(open(entry), 'cancelled'))).toBe(true);
  });

  test('of a postback that a worker has read meanwhile moves nothing', async () => {
    await queue.enqueue({ ...ENDPOINT, data: ['{}'] });
    const [entry] = (await waiting.peekStream(queue.keys.stream, '', 10)) as [RawEntry];
    await read();
    expect(await waiting.isPending(entry)).toBe(true);
    expect(await waiting.cancel(spotOf(entry), letterOf(open(entry), 'cancelled'))).toBe(false);
    expect(await queue.books()).toMatchObject({ pending: 1, cancelled: 0 });
  });

  test('of a delayed postback works with the record that was read, and with no other', async () => {
    const [id] = (await queue.enqueue({ ...ENDPOINT, data: ['{}'] })) as [string];
    const [entry] = (await read()) as [RawEntry];
    await queue.delay({ ...entry, consumer: 'a' }, { postback: open(entry), delayMs: 60_000 });
    const record = (await waiting.peekDelayed(id)) as string;
    expect((await waiting.scanDelayed('0', 10)).records).toEqual([record]);
    const letter = letterOf(open(entry), 'cancelled');
    expect(await waiting.cancel({ kind: 'delayed', record: `${record} ` }, letter)).toBe(false);
    expect(await waiting.cancel({ kind: 'delayed', record }, letter)).toBe(true);
    expect(await waiting.cancel({ kind: 'delayed', record }, letter)).toBe(false);
    expect(await queue.books()).toMatchObject({ delayed: 0, cancelled: 1, dead: 0 });
  });

  test('racing with a reader, each postback goes to exactly one of both', async () => {
    await queue.enqueue({ ...ENDPOINT, data: Array.from({ length: 500 }, (_, n) => `{"a":${n}}`) });
    const entries = await waiting.peekStream(queue.keys.stream, '', 500);
    const reader = await server.connect();
    const reading = (async () => {
      let got = 0;
      for (let i = 0; i < 50; i++) {
        const where = { stream: queue.keys.stream, consumer: 'a', count: 10, blockMs: 1 };
        got += (await queue.readNew(reader, where)).length;
      }
      return got;
    })();
    const cancelled: boolean[] = [];
    for (const entry of [...entries].reverse()) {
      cancelled.push(await waiting.cancel(spotOf(entry), letterOf(open(entry), 'cancelled')));
    }
    const taken = await reading;
    expect(taken + cancelled.filter(Boolean).length).toBe(500);
    expect(await queue.books()).toMatchObject({ pending: taken, waiting: 0, cancelled: 500 - taken });
  });
});

test('at maxmemory everything but restoring works', async () => {
  const letters = await findAll(await die(4));
  await queue.enqueue({ ...ENDPOINT, data: ['{"a":1}', '{"a":2}'] });
  const entries = (await waiting.peekStream(queue.keys.stream, '', 10)) as [RawEntry, RawEntry];
  const delayed = (await read())[0] as RawEntry;
  await queue.delay({ ...delayed, consumer: 'a' }, { postback: open(delayed), delayMs: 60_000 });
  const [id] = (await queue.enqueue({ ...ENDPOINT, data: ['{"a":3}'] })) as [string];
  const last = (await waiting.peekEntry(queue.keys.stream, id.slice(2))) as RawEntry;
  const record = (await waiting.peekDelayed(open(entries[0]).id)) as string;
  await jobs.create({ id: 'j', spec: '{}', state: 'running', progress: '{}' });
  await atMaxmemory(async () => {
    expect(await dead.page({ order: 'newest', count: 9 })).toHaveLength(4);
    expect(await dead.overdue({ maxAgeMs: 0, maxCount: 2 }, 9)).not.toHaveLength(0);
    expect(await dead.redrive(letters[0] as BuriedLetter, AGAIN)).toBe(true);
    expect(await dead.discard([letters[1] as BuriedLetter], 'purged')).toBe(1);
    expect(await dead.discard([letters[2] as BuriedLetter], 'trimmed')).toBe(1);
    const spot = { kind: 'stream' as const, stream: last.stream, streamId: last.streamId };
    expect(await waiting.cancel(spot, letterOf(open(last), 'cancelled'))).toBe(true);
    expect(await waiting.cancel({ kind: 'delayed', record }, letterOf(open(entries[0]), 'cancelled'))).toBe(true);
    expect(await jobs.save({ id: 'j', state: 'done', progress: '{"redriven":1}' })).toBe(true);
    await expect(dead.restore((letters[1] as BuriedLetter).letter)).rejects.toThrow(/OOM/);
  });
  expect(await queue.books()).toMatchObject({ accepted: 7, dead: 1, purged: 1, trimmed: 1, cancelled: 2, waiting: 1 });
});

test('a job that was cancelled is not set running again by its runner', async () => {
  await jobs.create({ id: 'j', spec: '{"a":1}', state: 'running', progress: '{}' });
  expect(await jobs.save({ id: 'j', state: 'cancelled', progress: '{"redriven":1}' })).toBe(true);
  expect(await jobs.save({ id: 'j', state: 'running', progress: '{"redriven":2}' })).toBe(false);
  expect(await jobs.list()).toEqual([{ id: 'j', spec: '{"a":1}', state: 'cancelled', progress: '{"redriven":1}' }]);
  await jobs.forget(['j']);
  expect(await jobs.list()).toEqual([]);
});
