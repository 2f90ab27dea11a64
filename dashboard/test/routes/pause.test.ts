import { answerProblem } from '@postback/core/http';
import { silentLogger } from '@postback/core/logger';
import { queueKeys } from '@postback/core/queue/keys';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import { createRedis, type RedisConnection } from '@postback/core/redis';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import express from 'express';
import supertest from 'supertest';
import { pauseRouter } from '../../src/routes/pause.js';

let server: TestRedis;
let redis: RedisConnection;
let queue: Queue;

beforeAll(async () => {
  server = await startTestRedis();
  redis = createRedis({ url: server.url, password: '', name: 'pause', logger: silentLogger, failFast: true });
  await redis.connect();
  queue = createQueue(redis, queueKeys(0, 'pause-route'));
});
afterAll(async () => {
  redis.destroy();
  await server.stop();
});
beforeEach(() => queue.resume());

const app = () => express().use('/api', pauseRouter({ queue })).use(answerProblem(silentLogger));
const post = (path: string) => supertest(app()).post(path).set('content-type', 'application/json');

test('pause and resume change what the state says, and asking twice does no harm', async () => {
  expect((await supertest(app()).get('/api/pause').expect(200)).body).toEqual({ paused: false });
  for (let n = 0; n < 2; n++) {
    const paused = await post('/api/pause').send({ reason: 'maintenance' }).expect(200);
    expect(paused.body).toEqual({ paused: true, since: expect.any(String), by: 'operator', reason: 'maintenance' });
  }
  for (let n = 0; n < 2; n++)
    expect((await post('/api/resume').send('{}').expect(200)).body).toEqual({ paused: false });
});

test('without a reason it is paused by hand', async () => {
  expect((await post('/api/pause').send('{}').expect(200)).body).toMatchObject({ reason: 'by hand' });
});

test.each(['/api/pause', '/api/resume'])('%s from a form of another page is refused', async (path) => {
  await queue.pause({ by: 'operator', reason: 'kept' });
  await supertest(app()).post(path).type('form').send('a=b').expect(415);
  await supertest(app()).post(path).expect(415);
  expect((await queue.readPauses()).current?.reason).toBe('kept');
});

test.each([{ reason: 7 }, { reason: 'x'.repeat(501) }])('a reason that is no short text is refused', async (body) => {
  await post('/api/pause').send(body).expect(400);
  expect((await queue.readPauses()).current).toBeUndefined();
});

test('without Redis: 503 with Retry-After', async () => {
  await server.kill();
  expect((await post('/api/pause').send('{}').expect(503)).headers['retry-after']).toBe('1');
});
