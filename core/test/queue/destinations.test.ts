import { pausesOf } from '@postback/core/queue/destinationState';
import type { Queue } from '@postback/core/queue/queue';
import { pausedMsBetween } from '@postback/core/queue/scripts/pause';
import type { RedisConnection } from '@postback/core/redis';
import { eventually } from '@postback/core/testing/eventually';
import type { TestRedis } from '@postback/core/testing/redisServer';
import { useTestQueue } from './testQueue.js';

let server: TestRedis;
let redis: RedisConnection;
let queue: Queue;

useTestQueue((fresh) => void ({ server, redis, queue } = fresh));

const D = 'https://partner.example:443';
const stored = () => redis.send('', ['HLEN', queue.keys.destinations]);
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('pauseDestination', () => {
  test('says who and why, counts the first time only, and its length stays known when it is over', async () => {
    expect(await queue.pauseDestination(D, { by: 'anna', reason: 'they "migrate" é' })).toBe(true);
    expect(await queue.pauseDestination(D, { by: 'bert', reason: 'too' })).toBe(false);
    const during = await queue.readDestination(D);
    expect(during.pause).toMatchObject({ by: 'anna', reason: 'they "migrate" é' });
    await later(20);
    expect(await queue.resumeDestination(D)).toBe(true);
    expect(await queue.resumeDestination(D)).toBe(false);
    const [after] = await queue.readDestinations();
    expect(after?.pause).toBeUndefined();
    const since = during.pause?.since as number;
    expect(pausedMsBetween(pausesOf(after as never), since - 1_000, since + 60_000)).toBeGreaterThanOrEqual(20);
    expect(pausedMsBetween(pausesOf(during), since, since + 5_000)).toBe(5_000);
  });
});

describe('setHold', () => {
  test('only ever becomes longer', async () => {
    const until = await queue.setHold(D, 60_000);
    expect(await queue.setHold(D, 1_000)).toBe(until);
    expect(await queue.setHold(D, 120_000)).toBeGreaterThan(until);
  });

  test('that has run out is cleared away, and with it all mention of the destination', async () => {
    await queue.setHold(D, 1);
    await queue.setHold('http://other:80', 60_000);
    await queue.setHold('http://paused:80', 1);
    await queue.pauseDestination('http://paused:80', { by: 'anna', reason: '' });
    await later(5);
    const names = (await queue.readDestinations()).map(({ destination }) => destination);
    expect(names.sort()).toEqual(['http://other:80', 'http://paused:80']);
    expect(await stored()).toBe(2);
    expect(await queue.readDestination(D)).toMatchObject({ holdUntil: 0, pause: undefined, breaker: undefined });
  });
});

describe('setBreaker and takeProbe', () => {
  const open = (expectedSince: number, openMs = 60_000) =>
    queue.setBreaker(D, { to: 'open', expectedSince, openMs, reason: '9 of 10 failed' });

  test('of several workers that see it closed one opens it, and all know how', async () => {
    const answers = await Promise.all([open(0), open(0), open(0)]);
    expect(answers.map(({ taken }) => taken)).toEqual([true, false, false]);
    expect(answers[2]?.breaker).toEqual(answers[0]?.breaker);
    expect(answers[0]?.breaker).toMatchObject({ state: 'open', reason: '9 of 10 failed', trips: 1 });
  });

  test('nobody probes before its time, then one at a time, the next when the lease has run out', async () => {
    expect(await queue.takeProbe(D, 1_000)).toEqual({ taken: false, breaker: undefined });
    await open(0);
    expect((await queue.takeProbe(D, 1_000)).taken).toBe(false);
    const { breaker } = await queue.readDestination(D);
    await open(breaker?.since as number, 1);
    await later(5);
    const leases = await Promise.all([queue.takeProbe(D, 30), queue.takeProbe(D, 30)]);
    expect(leases.map(({ taken }) => taken)).toEqual([true, false]);
    expect(leases[1]?.breaker).toMatchObject({ state: 'half-open', trips: 2 });
    await eventually('the lease of a worker that died runs out', async () => (await queue.takeProbe(D, 30)).taken);
  });

  test('a change that comes from a state of the past is not taken', async () => {
    const { breaker } = await open(0, 1);
    await later(5);
    const probe = await queue.takeProbe(D, 60_000);
    expect((await open(breaker?.since as number)).taken).toBe(false);
    expect((await queue.setBreaker(D, { to: 'closed', expectedSince: breaker?.since as number })).taken).toBe(false);
    const closed = await queue.setBreaker(D, { to: 'closed', expectedSince: probe.breaker?.since as number });
    expect(closed).toEqual({ taken: true, breaker: undefined });
    expect(await stored()).toBe(0);
  });
});

test('a breaker that nobody has probed for a day is of a destination that nobody calls, and is forgotten', async () => {
  const breaker = { state: 'open', since: 1, until: 1_000, reason: '', trips: 3 };
  await redis.send('', ['HSET', queue.keys.destinations, D, JSON.stringify({ breaker })]);
  expect(await queue.readDestinations()).toEqual([]);
  expect(await stored()).toBe(0);
});

test('a change of one state leaves the others alone, and is announced by the name of the destination', async () => {
  const heard: string[] = [];
  const listener = await server.connect();
  await listener.subscribe(queue.keys.destinationsChanged, (message) => heard.push(message));
  await queue.pauseDestination(D, { by: 'anna', reason: '' });
  await queue.setHold('http://other:80', 60_000);
  await queue.setBreaker(D, { to: 'open', expectedSince: 0, openMs: 60_000, reason: 'x' });
  await queue.setHold(D, 60_000);
  expect(await queue.readDestination(D)).toMatchObject({ pause: { by: 'anna' }, breaker: { trips: 1 } });
  expect((await queue.readDestinations()).map(({ destination }) => destination).sort()).toEqual(['http://other:80', D]);
  await eventually('all is heard', () => heard.length === 4);
  expect(heard).toEqual([D, 'http://other:80', D, D]);
});

test('at maxmemory every state can still be changed', async () => {
  const used = /used_memory:(\d+)/.exec((await redis.send('', ['INFO', 'memory'])) as string)?.[1];
  await redis.send('', ['CONFIG', 'SET', 'maxmemory', String(Number(used) - 1_000)]);
  try {
    expect(await queue.pauseDestination(D, { by: 'anna', reason: '' })).toBe(true);
    expect(await queue.resumeDestination(D)).toBe(true);
    expect(await queue.setHold(D, 60_000)).toBeGreaterThan(0);
    expect((await queue.setBreaker(D, { to: 'open', expectedSince: 0, openMs: 1, reason: '' })).taken).toBe(true);
    await later(5);
    expect((await queue.takeProbe(D, 1)).taken).toBe(true);
    expect(await queue.takeRate(D, { ratePerSecond: 1, burst: 5, wanted: 2 })).toBe(2);
  } finally {
    await redis.send('', ['CONFIG', 'SET', 'maxmemory', '0']);
  }
});

describe('takeRate', () => {
  const RATE = { ratePerSecond: 1_000, burst: 50, wanted: 20 };
  const take = (workers: readonly Queue[]) => Promise.all(workers.map((worker) => worker.takeRate(D, RATE)));

  test('grants several workers together the burst, and then what the rate allows', async () => {
    const slow = { ...RATE, ratePerSecond: 0.1 };
    const granted = await Promise.all([1, 2, 3, 4].map(() => queue.takeRate(D, slow)));
    expect(granted).toEqual([20, 20, 10, 0]);
    expect(await queue.takeRate('http://other:80', slow)).toBe(20);
  });

  test('over a while grants no more than burst + rate × time, and not much less', async () => {
    const begun = await queue.time();
    let granted = 0;
    while ((await queue.time()) - begun < 500) {
      granted += (await take([queue, queue])).reduce((sum, tokens) => sum + tokens, 0);
    }
    const elapsed = (await queue.time()) - begun + 1;
    expect(granted).toBeLessThanOrEqual(50 + elapsed);
    expect(granted).toBeGreaterThan(500 * 0.9);
  });

  test('is forgotten after a quiet time', async () => {
    await queue.takeRate(D, RATE);
    const ttl = (await redis.send('', ['PTTL', queue.keys.rateOf(D)])) as number;
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(1_100);
  });
});
