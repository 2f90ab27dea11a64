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

const BY_HAND = { by: 'operator', reason: 'maintenance' } as const;

test('a pause says by whom and why, is announced, and a second one changes nothing', async () => {
  const heard: string[] = [];
  const subscriber = await server.connect();
  await subscriber.subscribe(queue.keys.pauseChanged, (message) => heard.push(message));
  expect(await queue.pause(BY_HAND)).toBe(true);
  expect(await queue.pause({ by: 'restore', reason: 'another' })).toBe(false);
  expect((await queue.readPauses()).current).toMatchObject(BY_HAND);
  await eventually('the announcement', () => heard.length === 1);
});

test('a resume ends the pause and keeps it as a period; one without a pause changes nothing', async () => {
  await queue.pause(BY_HAND);
  const { current } = await queue.readPauses();
  expect(await queue.resume()).toBe(true);
  expect(await queue.resume()).toBe(false);
  expect(await queue.readPauses()).toEqual({ current: undefined, past: [[current?.since, expect.any(Number)]] });
});

describe('poison', () => {
  const LIMIT = { version: '1.0.0', limit: 10, windowMs: 60_000 };
  const countMany = async (count: number, limit = LIMIT) => {
    const allowed: boolean[] = [];
    for (let n = 0; n < count; n++) allowed.push(await queue.countPoison(limit));
    return allowed.filter(Boolean).length;
  };

  test('with the tenth death of one version delivery is paused, and an eleventh is not allowed', async () => {
    expect(await countMany(9)).toBe(9);
    expect((await queue.readPauses()).current).toBeUndefined();
    expect(await countMany(1)).toBe(1);
    expect((await queue.readPauses()).current).toMatchObject({ by: 'poison', version: '1.0.0' });
    expect(await countMany(5)).toBe(0);
  });

  test('deaths of another version or of long ago do not count', async () => {
    await countMany(9);
    expect(await countMany(9, { ...LIMIT, version: '1.0.1' })).toBe(9);
    expect(await countMany(3, { ...LIMIT, windowMs: 0 })).toBe(3);
    expect((await queue.readPauses()).current).toBeUndefined();
  });

  test('after a resume counting begins anew', async () => {
    await countMany(10);
    await queue.resume();
    expect(await countMany(9)).toBe(9);
    expect((await queue.readPauses()).current).toBeUndefined();
  });
});

test('when memory is full, pausing, resuming and counting work', async () => {
  await redis.send('', ['CONFIG', 'SET', 'maxmemory', '1']);
  try {
    expect(await queue.pause(BY_HAND)).toBe(true);
    expect(await queue.resume()).toBe(true);
    expect(await queue.countPoison({ version: '1', limit: 1, windowMs: 1_000 })).toBe(true);
    expect((await queue.readPauses()).current).toMatchObject({ by: 'poison' });
  } finally {
    await redis.send('', ['CONFIG', 'SET', 'maxmemory', '0']);
  }
});

test.each([
  { past: [[0, 50]], expected: 0 },
  { past: [[120, 150]], expected: 30 },
  {
    past: [
      [190, 300],
      [50, 110],
    ],
    expected: 20,
  },
] as const)('between 100 and 200 the pauses $past took $expected ms', ({ past, expected }) => {
  expect(pausedMsBetween({ current: undefined, past }, 100, 200)).toBe(expected);
});

test('a pause that has not ended counts up to now', () => {
  const current = { ...BY_HAND, since: 150, version: '' };
  expect(pausedMsBetween({ current, past: [] }, 100, 200)).toBe(50);
});
