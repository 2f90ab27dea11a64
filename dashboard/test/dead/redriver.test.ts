import { systemClock } from '@postback/core/clock';
import { silentLogger } from '@postback/core/logger';
import type { RedisConnection } from '@postback/core/redis';
import { eventually } from '@postback/core/testing/eventually';
import type { TestRedis } from '@postback/core/testing/redisServer';
import supertest from 'supertest';
import { createRedriver, paceOf, runRound } from '../../src/dead/redriver.js';
import { useStage, type Stage } from '../stage.js';

let server: TestRedis;
let redis: RedisConnection;
let stage: Stage;

useStage((fresh) => void ({ server, redis, stage } = fresh));

const deps = () => ({ ...stage.deps, logger: silentLogger, clock: systemClock });
const start = async (body: object) => {
  const answer = await supertest(stage.app).post('/api/redrive').send(body).expect(202);
  expect(answer.headers['location']).toBe(`/api/redrive/${answer.body.job}`);
  return answer.body.job as string;
};
const look = async (job: string): Promise<unknown> =>
  (await supertest(stage.app).get(`/api/redrive/${job}`).expect(200)).body;
const isRunning = async (job: string) => ((await look(job)) as { state: string }).state === 'running';
const finish = async (job: string) => {
  while (await isRunning(job)) await runRound(deps());
  return look(job);
};

test('by filter sends what fits again, and its progress adds up', async () => {
  await stage.die(120, { host: 'a.example' });
  await stage.die(7, { host: 'b.example' });
  const job = await finish(await start({ host: 'a.example', perSecond: 200 }));
  expect(job).toMatchObject({ state: 'done', redriven: 120, scanned: 127, failed: 0, gone: 0, candidates: 127 });
  expect(await stage.queue.books()).toMatchObject({ waiting: 120, dead: 7 });
});

test('by ids leaves the others, and tells of those that are gone', async () => {
  const ids = await stage.die(4);
  const job = await finish(await start({ ids: [...ids.slice(0, 2), '0-1-1'] }));
  expect(job).toMatchObject({ state: 'done', redriven: 2, gone: 1 });
  expect(await stage.queue.books()).toMatchObject({ waiting: 2, dead: 2 });
});

test('with a new url sends all of them there, under one endpoint', async () => {
  await stage.die(3);
  await finish(await start({ all: true, url: 'http://moved.example/x' }));
  const hashes = new Set((await stage.take(stage.keys.retries)).map((entry) => stage.open(entry).endpointHash));
  expect(hashes.size).toBe(1);
  expect(await stage.queue.readEndpoint([...hashes][0] as string)).toContain('http://moved.example/x');
});

test('letters that cannot be sent again are named and stay', async () => {
  const [lost] = await stage.die(1, { endpointJson: null });
  await stage.die(1);
  const job = await finish(await start({ all: true }));
  expect(job).toMatchObject({ redriven: 1, failed: 1, failures: [{ id: lost, detail: 'its endpoint is not known' }] });
  expect(await stage.queue.books()).toMatchObject({ dead: 1 });
});

test('goes on where it was after its service and Redis were killed, sending each once', async () => {
  await stage.die(100);
  const job = await start({ all: true, perSecond: 40 });
  await runRound(deps());
  await runRound(deps());
  expect(await look(job)).toMatchObject({ state: 'running', redriven: 20 });
  await server.kill();
  await server.start();
  await eventually('Redis is back', () => redis.isReady());
  const loop = createRedriver(deps());
  loop.start();
  await eventually('the job is done', async () => !(await isRunning(job)));
  await loop.stop();
  const ids = (await stage.take(stage.keys.retries)).map((entry) => stage.open(entry).id);
  expect(new Set(ids).size).toBe(100);
  expect(ids).toHaveLength(100);
  expect(await look(job)).toMatchObject({ redriven: 100, gone: 0 });
});

test('a letter that dies again during the job is not sent a third time', async () => {
  await stage.die(3);
  const job = await start({ all: true, perSecond: 4 });
  await runRound(deps());
  await stage.bury(await stage.take(stage.keys.retries));
  expect(await finish(job)).toMatchObject({ redriven: 3 });
  expect(await stage.queue.books()).toMatchObject({ dead: 1, waiting: 2 });
});

test('keeps to its pace', async () => {
  expect(paceOf(1)).toEqual({ batch: 1, intervalMs: 1_000 });
  expect(paceOf(100)).toEqual({ batch: 25, intervalMs: 250 });
  expect(paceOf(1_000)).toEqual({ batch: 250, intervalMs: 250 });
  await stage.die(40);
  await start({ all: true, perSecond: 40 });
  expect(await runRound(deps())).toBeGreaterThan(150);
  expect(await stage.queue.books()).toMatchObject({ waiting: 10, dead: 30 });
});

test('a cancelled job stops, and what it sent stays sent', async () => {
  await stage.die(10);
  const job = await start({ all: true, perSecond: 4 });
  await runRound(deps());
  await supertest(stage.app).delete(`/api/redrive/${job}`).expect(200);
  await runRound(deps());
  expect(await look(job)).toMatchObject({ state: 'cancelled', redriven: 1 });
  expect(await stage.queue.books()).toMatchObject({ waiting: 1, dead: 9 });
});

test('two services at once send each letter once', async () => {
  await stage.die(60);
  const job = await start({ all: true, perSecond: 100 });
  while (await isRunning(job)) await Promise.all([runRound(deps()), runRound(deps())]);
  const ids = (await stage.take(stage.keys.retries)).map((entry) => stage.open(entry).id);
  expect(ids).toHaveLength(60);
  expect(new Set(ids).size).toBe(60);
});

test.each([
  [{}],
  [{ ids: [] }],
  [{ ids: ['x'] }],
  [{ ids: ['0-1-1'], reason: 'poison' }],
  [{ all: true, perSecond: 0 }],
  [{ all: true, url: 'nonsense' }],
  [{ all: true, headers: { 'a b': 'x' } }],
  [{ every: true }],
])('a job of %j is refused', async (body) => {
  const { type } = await supertest(stage.app).post('/api/redrive').send(body).expect(400);
  expect(type).toBe('application/problem+json');
  expect((await supertest(stage.app).get('/api/redrive').expect(200)).body.jobs).toEqual([]);
});

test('ended jobs are forgotten after twenty more', async () => {
  const first = await start({ ids: ['0-1-1'] });
  for (let i = 0; i < 22; i++) await finish(await start({ ids: ['0-1-1'] }));
  await supertest(stage.app).get(`/api/redrive/${first}`).expect(404);
  expect((await supertest(stage.app).get('/api/redrive').expect(200)).body.jobs).toHaveLength(21);
});

test('a job that is not there is 404', async () => {
  await supertest(stage.app).get('/api/redrive/nothing').expect(404);
  await supertest(stage.app).delete('/api/redrive/nothing').expect(404);
});
