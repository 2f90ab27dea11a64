import type { RedisConnection } from '@postback/core/redis';
import { DESTINATION_MINUTES, MAX_DESTINATIONS, SERIES_MINUTES } from '@postback/core/queue/scripts/recordStats';
import { createStats, type Stats } from '@postback/core/queue/stats';
import type { Queue } from '@postback/core/queue/queue';
import { createStatsRecorder, OTHER_DESTINATIONS } from '@postback/core/stats/recorder';
import { startTestRedis } from '@postback/core/testing/redisServer';
import { useTestQueue } from './testQueue.js';

let redis: RedisConnection;
let queue: Queue;
let stats: Stats;

useTestQueue((fresh) => {
  ({ redis, queue } = fresh);
  stats = createStats(redis, queue.keys);
});

const attempt = { outcome: 'delivered', totalMs: 3 };
const beatOf = (name: string) => ({ name, version: '1.2.3', startedAt: 5, slots: 64, busy: 2, reasons: ['x "y"'] });

async function minuteNow(): Promise<number> {
  return Math.floor((await queue.time()) / 60_000);
}

/** Summed over the minutes that the test may have touched. */
async function sums() {
  const last = await minuteNow();
  const found: Record<string, number> = {};
  for (const tally of await stats.minutes(last - 2, last)) {
    for (const [name, count] of tally ?? []) found[name] = (found[name] ?? 0) + count;
  }
  return { found, destinations: await stats.destinations(last - 2, last) };
}

test('increments of several processes add up, exactly', async () => {
  for (let round = 0; round < 20; round++) {
    const recorder = createStatsRecorder();
    recorder.accepted(1_000_000_007);
    recorder.attempted({ ...attempt, destination: 'http://a:80' }, 4);
    recorder.attempted({ ...attempt, destination: round % 2 ? 'http://b:80' : 'http://a:80', outcome: 'retry' });
    recorder.died('rejected', 'http://b:80');
    await stats.record(recorder.take());
  }
  const { found, destinations } = await sums();
  expect(found).toMatchObject({ a: 20_000_000_140, d: 20, f: 20, x: 20, 'x:rejected': 20 });
  expect(destinations.get('http://a:80')?.get('d')).toBe(20);
  expect(destinations.get('http://a:80')?.get('f')).toBe(10);
  expect(destinations.get('http://b:80')?.get('x')).toBe(20);
  const recent = await stats.recent();
  expect(recent.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(20_000_000_140);
  expect(recent.reduce((sum, { dead }) => sum + dead, 0)).toBe(20);
});

test('nothing is kept for ever, and so many destinations a minute are told apart', async () => {
  const recorder = createStatsRecorder();
  const names = Array.from({ length: MAX_DESTINATIONS + 50 }, (_, n) => `http://destination-${n}.example:8080`);
  for (const destination of names) recorder.attempted({ ...attempt, destination }, 1);
  recorder.attempted({ ...attempt, destination: names[200] ?? '' }, 1); // the busiest finds room
  const before = await minuteNow();
  await stats.record(recorder.take());
  await stats.record(undefined, beatOf('w'));
  const { destinations } = await sums();
  expect(destinations.size).toBe(MAX_DESTINATIONS + 1);
  expect(destinations.get(OTHER_DESTINATIONS)?.get('d')).toBe(50);
  expect(destinations.get(names[200] ?? '')?.get('d')).toBe(2);
  const { keys } = queue;
  const ttl = async (key: string) => Number(await redis.send(key, ['TTL', key]));
  for (const minute of [before, await minuteNow()]) {
    expect(await ttl(keys.statsOf(minute))).toBeLessThanOrEqual((SERIES_MINUTES + 2) * 60);
    expect(await ttl(keys.statsTo(minute))).toBeLessThanOrEqual((DESTINATION_MINUTES + 2) * 60);
  }
  expect(await ttl(keys.statsRecent)).toBeGreaterThan(0);
  expect(await ttl(keys.workers)).toBeGreaterThan(0);
});

test('a full minute takes as little memory as docs/architecture.md says', async () => {
  const recorder = createStatsRecorder();
  for (let n = 0; n < 400_000; n++) {
    const totalMs = 0.5 * 1.00003 ** n; // every bucket up to a minute
    recorder.attempted(
      { destination: `https://partner-${n % 200}.example:443`, outcome: 'delivered', totalMs },
      totalMs,
    );
  }
  await stats.record(recorder.take());
  const minute = await minuteNow();
  const bytesOf = async (key: string) => Number((await redis.send(key, ['MEMORY', 'USAGE', key, 'SAMPLES', '0'])) ?? 0);
  const { keys } = queue;
  const bytes = (await bytesOf(keys.statsOf(minute))) || (await bytesOf(keys.statsOf(minute - 1)));
  const bytesTo = (await bytesOf(keys.statsTo(minute))) || (await bytesOf(keys.statsTo(minute - 1)));
  expect(bytes).toBeGreaterThan(100);
  expect(bytes).toBeLessThan(2_048);
  expect(bytesTo).toBeGreaterThan(1_000);
  expect(bytesTo).toBeLessThan(170_000);
});

test('workers say that they live, leave, and are forgotten when nobody hears of them', async () => {
  await stats.record(undefined, beatOf('one'));
  await stats.record(undefined, beatOf('two'));
  const now = await queue.time();
  const workers = await stats.workers();
  expect(workers.map(({ name }) => name).sort()).toEqual(['one', 'two']);
  expect(workers[0]).toMatchObject({ version: '1.2.3', slots: 64, busy: 2, reasons: ['x "y"'] });
  expect(Math.abs((workers[0]?.seenAt ?? 0) - now)).toBeLessThan(60_000);
  await stats.leave('two');
  await redis.send(queue.keys.workers, ['HSET', queue.keys.workers, 'gone', `${now - 61_000} {}`]);
  await stats.record(undefined, beatOf('one'));
  expect((await stats.workers()).map(({ name }) => name)).toEqual(['one']);
});

test('it is counted when memory is full too', async () => {
  const full = await startTestRedis();
  const connection = await full.connect();
  await connection.send('', ['CONFIG', 'SET', 'maxmemory', '1']);
  const elsewhere = createStats(connection, queue.keys);
  const recorder = createStatsRecorder();
  recorder.accepted(7);
  recorder.attempted({ ...attempt, destination: 'http://a:80' }, 1);
  await elsewhere.record(recorder.take(), beatOf('w'));
  expect((await elsewhere.workers()).length).toBe(1);
  expect((await elsewhere.recent())[0]).toMatchObject({ accepted: 7, delivered: 1 });
  await full.stop();
});
