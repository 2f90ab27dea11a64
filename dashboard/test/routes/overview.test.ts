import { createRedis, type RedisConnection } from '@postback/core/redis';
import { silentLogger } from '@postback/core/logger';
import { readOverview } from '@postback/core/queue/overview';
import { createStatsRecorder } from '@postback/core/stats/recorder';
import { eventually } from '@postback/core/testing/eventually';
import { startTestRedis } from '@postback/core/testing/redisServer';
import { systemClock } from '@postback/core/clock';
import supertest from 'supertest';
import { describedApp } from '../../../test/describedApp.js';
import { createApp } from '../../src/app.js';
import { createOverviewReader } from '../../src/overview/overviewReader.js';
import { useStage, type Stage } from '../stage.js';

let stage: Stage;
let redis: RedisConnection;

useStage((fresh) => {
  ({ stage, redis } = fresh);
});

interface Shown {
  readonly books: Record<string, number> | null;
  readonly oldestWaitingSeconds: number | null;
  readonly recent: { accepted: number; delivered: number; perSecond: { accepted: number } } | null;
  readonly workers: { name: string; isAlive: boolean; isReady: boolean }[];
  readonly redis: { isReachable: boolean };
}

const overview = async () => (await supertest(stage.app).get('/api/overview').expect(200)).body as Shown;

test('an installation at rest', async () => {
  expect(await overview()).toMatchObject({
    unaccounted: 0,
    oldestWaitingSeconds: null,
    oldest: { firstAttemptSeconds: null, retrySeconds: null, parkedSeconds: null },
    pause: null,
    drain: null,
    workers: [],
    redis: { isReachable: true, aofEnabled: true, lastWriteOk: true, lastRewriteOk: true },
    recent: { seconds: 60, accepted: 0, delivered: 0, failedAttempts: 0, dead: 0 },
  });
});

test('what waits, what is dead, who works and what stands still', async () => {
  await stage.die(2);
  await stage.accept(3);
  await stage.queue.pause({ by: 'operator', reason: 'to look' });
  await stage.queue.startDrain({ by: 'operator', reason: 'to move' });
  const beat = { version: '1', startedAt: 1, slots: 8, busy: 3 };
  await stage.deps.stats.record(undefined, { ...beat, name: 'well', reasons: [] });
  await stage.deps.stats.record(undefined, { ...beat, name: 'ill', reasons: ['no way out'] });
  const late = (await stage.queue.time()) - 10_000;
  const said = `${late} ${JSON.stringify({ ...beat, reasons: [] })}`;
  await redis.send('', ['HSET', stage.keys.workers, 'silent', said]);
  const shown = await overview();
  expect(shown).toMatchObject({
    books: { accepted: 5, waiting: 3, dead: 2 },
    backlog: { waiting: 3, pending: 0, delayed: 0, parked: 0, dead: 2 },
    pause: { by: 'operator', reason: 'to look' },
    drain: { by: 'operator', reason: 'to move' },
  });
  const workers = Object.fromEntries(shown.workers.map(({ name, ...about }) => [name, about]));
  expect(workers['well']).toMatchObject({ version: '1', slots: 8, busy: 3, reasons: [] });
  expect(workers['ill']).toMatchObject({ isReady: false, reasons: ['no way out'] });
  expect(workers['silent']).toMatchObject({ isAlive: false, isReady: false });
});

test('the oldest is found wherever it waits', async () => {
  const add = (key: string, ageMs: number, now: number) =>
    redis.send(key, ['XADD', key, `${now - ageMs}-1`, 'v', '1', 'e', 'h', 'd', '{}']);
  const now = await stage.queue.time();
  await redis.send('', ['ZADD', stage.keys.parked, String(now - 30_000), 'http://a:80']);
  expect((await overview()).oldestWaitingSeconds).toBeGreaterThanOrEqual(30);
  await add(stage.keys.stream, 100_000, now);
  await add(stage.keys.retries, 60_000, now);
  const shown = await overview();
  expect(shown.oldestWaitingSeconds).toBeGreaterThanOrEqual(100);
  expect(shown).toHaveProperty('oldest.retrySeconds', expect.any(Number));
  await redis.send('', ['DEL', stage.keys.stream, stage.keys.retries, stage.keys.parked]);
});

test('what happened within the last minute, and how fast it goes', async () => {
  const recorder = createStatsRecorder();
  recorder.accepted(100);
  for (let n = 0; n < 50; n++) recorder.attempted({ destination: 'http://a:80', outcome: 'delivered', totalMs: 5 }, 7);
  await stage.deps.stats.record(recorder.take());
  const shown = await overview();
  expect(shown.recent).toMatchObject({ accepted: 100, delivered: 50 });
  const rated = await eventually('the second is over', async () => {
    const { recent } = await overview();
    return recent && recent.perSecond.accepted > 0 ? recent : undefined;
  });
  expect(rated.perSecond).toMatchObject({ accepted: 10, delivered: 5 });
});

test('the series has every minute, the present one last, and what was counted in it', async () => {
  const recorder = createStatsRecorder();
  recorder.accepted(4);
  for (const ms of [10, 20, 30, 400]) {
    recorder.attempted({ destination: 'http://a:80', outcome: 'delivered', totalMs: ms, queueWaitMs: 2 }, 2 * ms);
  }
  recorder.attempted({ destination: 'http://a:80', outcome: 'dead', totalMs: 5 });
  recorder.died('rejected', 'http://a:80');
  await stage.deps.stats.record(recorder.take());
  for (const [minutes, stepSeconds] of [
    [5, 60],
    [60, 60],
    [1_440, 300],
  ]) {
    const { body } = (await supertest(stage.app).get(`/api/series?minutes=${minutes}`).expect(200)) as unknown as {
      body: { points: Record<string, unknown>[] };
    };
    expect(body).toMatchObject({ stepSeconds });
    const span = ((minutes ?? 0) * 60) / (stepSeconds ?? 1);
    expect([span, span + 1]).toContain(body.points.length);
    const point = body.points.find(({ accepted }) => accepted === 4);
    expect(point).toMatchObject({ delivered: 4, failedAttempts: 1, dead: 1, deadByReason: { rejected: 1 } });
    const endToEnd = point?.['endToEnd'] as { p50Ms: number; p99Ms: number };
    expect(Math.abs(endToEnd.p50Ms / 40 - 1)).toBeLessThan(0.1);
    expect(Math.abs(endToEnd.p99Ms / 800 - 1)).toBeLessThan(0.1);
    expect(point?.['phases']).toEqual({ queueWaitMs: 2, dnsMs: 0, connectMs: 0, firstByteMs: 93, restMs: 0 });
    expect(body.points.filter((other) => other !== point).every(({ response }) => response === null)).toBe(true);
  }
  await supertest(stage.app).get('/api/series?minutes=0').expect(400);
  await supertest(stage.app).get('/api/series?minutes=1441').expect(400);
});

test('a Redis that does not answer is an answer, within two seconds; one that is back is seen', async () => {
  const server = await startTestRedis();
  const connection = createRedis({ url: server.url, password: '', name: 'd', logger: silentLogger, failFast: true });
  await connection.connect();
  const read = createOverviewReader({ read: () => readOverview(connection), clock: systemClock });
  try {
    expect((await read()).redis.isReachable).toBe(true);
    process.kill(server.pid(), 'SIGSTOP');
    const startedAt = performance.now();
    expect((await read()).redis).toMatchObject({ isReachable: false, detail: expect.any(String) as string });
    expect(performance.now() - startedAt).toBeLessThan(15_000); // 1.5 s, on a machine with time
    process.kill(server.pid(), 'SIGCONT');
    await eventually('it is back', async () => (await read()).redis.isReachable, 15_000);
  } finally {
    process.kill(server.pid(), 'SIGCONT');
    connection.destroy();
    await server.stop();
  }
});

test('while Redis is away, the answer is 200 and says so', async () => {
  const read = createOverviewReader({ read: () => Promise.reject(new Error('connection lost')), clock: systemClock });
  const app = describedApp(createApp({ ...stage.deps, overview: read }));
  const { body } = (await supertest(app).get('/api/overview').expect(200)) as { body: unknown };
  expect(body).toMatchObject({ books: null, redis: { isReachable: false, detail: 'connection lost' } });
});
