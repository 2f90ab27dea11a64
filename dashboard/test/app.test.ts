import { systemClock } from '@postback/core/clock';
import { silentLogger } from '@postback/core/logger';
import { createAttempts } from '@postback/core/queue/attempts';
import { createDeadLetters, createRedriveJobs, createWaiting } from '@postback/core/queue/deadLetters';
import { queueKeys } from '@postback/core/queue/keys';
import { createDestinations } from '@postback/core/queue/destinations';
import { createLookup } from '@postback/core/queue/lookup';
import { readOverview } from '@postback/core/queue/overview';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import { createStats } from '@postback/core/queue/stats';
import { createRedactor } from '@postback/core/redact/redactor';
import { createRedis, type RedisConnection } from '@postback/core/redis';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import supertest from 'supertest';
import { createOverviewReader } from '../src/overview/overviewReader.js';
import { createWatcher } from '../src/status/watcher.js';
import { describedApp } from '../../test/describedApp.js';
import { Registry } from 'prom-client';
import { createDashboardMetrics } from '../src/metrics/dashboardMetrics.js';
import { createApp } from '../src/app.js';

let redisServer: TestRedis;
let redis: RedisConnection;
let queue: Queue;

beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = createRedis({ url: redisServer.url, password: '', name: 'dashboard', logger: silentLogger, failFast: true });
  await redis.connect();
  queue = createQueue(redis, queueKeys(0, 'dashboard-test'));
});
afterAll(async () => {
  redis.destroy();
  await redisServer.stop();
});

const overview = createOverviewReader({ read: () => readOverview(redis, queue.keys), clock: systemClock });

const app = () =>
  describedApp(
    createApp({
      metrics: createDashboardMetrics({ registry: new Registry(), redis, keys: queue.keys, clock: systemClock }),
      access: { token: '', readToken: '', sessionTtlMs: 60_000 },
      queue,
      waiting: createWaiting(redis, queue.keys),
      lookup: createLookup(redis, queue.keys),
      destinations: createDestinations(redis, queue.keys),
      attempts: createAttempts(redis, queue.keys),
      overview,
      stats: createStats(redis, queue.keys),
      feed: { open: () => undefined },
      watcher: createWatcher({ clock: systemClock }),
      dead: createDeadLetters(redis, queue.keys),
      jobs: createRedriveJobs(redis, queue.keys),
      archiveDirectory: '',
      wakeRedriver: () => undefined,
      clock: systemClock,
      redactor: createRedactor([]),
      logger: silentLogger,
      reasons: () => (redis.isReady() ? [] : ['Redis cannot be reached']),
      isStopping: () => false,
    }),
  );

test('/api/stats tells the books and that nothing is unaccounted for', async () => {
  await queue.enqueue({ endpointHash: 'h', endpointJson: '{}', data: ['{}', '{}'] });
  const response = await supertest(app()).get('/api/stats').expect(200);
  expect(response.body).toEqual({
    books: {
      accepted: 2,
      delivered: 0,
      waiting: 2,
      pending: 0,
      delayed: 0,
      parked: 0,
      dead: 0,
      purged: 0,
      trimmed: 0,
      cancelled: 0,
    },
    unaccounted: 0,
  });
});

test('books that do not balance are told', async () => {
  await redis.send('', ['XTRIM', queue.keys.stream, 'MAXLEN', '1']);
  const response = await supertest(app()).get('/api/stats').expect(200);
  expect(response.body.unaccounted).toBe(1);
});

test('the page is served at /', async () => {
  const response = await supertest(app()).get('/').expect(200);
  expect(response.type).toBe('text/html');
  expect(response.text).toContain('Postback Delivery');
});

test('the page loads nothing but files of its own, and its policy allows no script or style within it', async () => {
  const { text, headers } = await supertest(app()).get('/').expect(200);
  const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => String(file));
  expect(files.filter((file) => !/^(assets|api)\//.test(file) && !file.startsWith('/api/'))).toEqual([]);
  for (const file of files.filter((name) => name.startsWith('assets/')))
    await supertest(app()).get(`/${file}`).expect(200);
  expect(text).not.toMatch(/<style|style=|<script>|\son[a-z]+=/);
  expect(headers['content-security-policy']).toContain("default-src 'self';");
  expect(headers['content-security-policy']).not.toContain('unsafe');
});

test('the page weighs little', async () => {
  const { headers } = await supertest(app()).get('/assets/page.js').expect(200);
  expect(Number(headers['content-length'])).toBeLessThan(150_000);
});

test('an address that is not there gets a problem', async () => {
  const response = await supertest(app()).get('/api/nothing').expect(404);
  expect(response.type).toBe('application/problem+json');
});

test('without Redis: 503 with Retry-After, and not ready', async () => {
  await redisServer.kill();
  const response = await supertest(app()).get('/api/stats').expect(503);
  expect(response.headers['retry-after']).toBe('1');
  await supertest(app()).get('/api/dead/export').expect(503);
  const letters = await supertest(app()).get('/api/dead').expect(503);
  expect(letters.headers['retry-after']).toBe('1');
  await supertest(app()).get('/readyz').expect(503);
  await supertest(app()).get('/healthz').expect(200);
});
