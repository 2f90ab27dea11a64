import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '@postback/core/logger';
import { readOverview } from '@postback/core/queue/overview';
import { createRedis } from '@postback/core/redis';
import { startTestRedis } from '@postback/core/testing/redisServer';
import { closeServer } from '@postback/core/closeServer';
import { systemClock } from '@postback/core/clock';
import { eventually } from '@postback/core/testing/eventually';
import { createApp } from '../../src/app.js';
import { createFeed } from '../../src/events/feed.js';
import { createTail } from '../../src/events/tail.js';
import { createOverviewReader } from '../../src/overview/overviewReader.js';
import { describedApp } from '../../../test/describedApp.js';
import { attemptOf, keepBlock } from '../keepAttempts.js';
import { useStage, type Stage } from '../stage.js';

let stage: Stage;
useStage((fresh) => {
  ({ stage } = fresh);
});

let server: Server;
const open: IncomingMessage[] = [];

beforeEach(() => stage.deps.feed.start());
afterEach(async () => {
  open.splice(0).forEach((answer) => answer.destroy());
  await stage.deps.feed.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function serve(deps: Partial<typeof stage.deps> = {}): Promise<number> {
  server = createServer(describedApp(createApp({ ...stage.deps, ...deps }))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface Event {
  readonly name: string;
  readonly data: unknown;
}

/** What comes, as it comes. */
async function listen(port: number, query = '', headers: Record<string, string> = {}) {
  const sent = request({ host: '127.0.0.1', port, path: `/api/events${query}`, headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  open.push(answer);
  const stream = { answer, text: '', isEnded: false };
  answer.on('data', (chunk: Buffer) => (stream.text += chunk.toString()));
  answer.on('close', () => (stream.isEnded = true));
  answer.on('error', () => undefined);
  const events = (): Event[] =>
    stream.text.split('\n\n').flatMap((block) => {
      const [, name = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      return name === '' ? [] : [{ name, data: JSON.parse(data) as unknown }];
    });
  const attempts = () =>
    events().flatMap(({ name, data }) => (name === 'attempts' ? (data as { postbackId: string }[]) : []));
  return { stream, answer, events, attempts };
}

const ID = '0-1795478400000-0';
const OTHER_ID = '0-1795478400000-1';

test('the overview comes at once and again and again, unbuffered', async () => {
  const { answer, events } = await listen(await serve());
  expect(answer.headers).toMatchObject({ 'x-accel-buffering': 'no', 'cache-control': 'no-store' });
  expect(answer.headers['content-type']).toMatch(/^text\/event-stream/);
  await eventually('two have come', () => events().length >= 2);
  expect(events()[0]).toMatchObject({ name: 'overview', data: { unaccounted: 0, redis: { isReachable: true } } });
});

test('one reading serves all who listen, and nobody listening costs nothing', async () => {
  let readings = 0;
  const read = createOverviewReader({
    read: () => Promise.reject(new Error(`away ${++readings}`)),
    clock: systemClock,
  });
  const feed = createFeed({ overview: read, tail: createTail(stage.deps.attempts), periodMs: 20 });
  feed.start();
  const port = await serve({ feed });
  const before = readings;
  const all = await Promise.all(Array.from({ length: 10 }, () => listen(port)));
  await eventually('each has five', () => all.every(({ events }) => events().length >= 5));
  const most = Math.max(...all.map(({ events }) => events().length));
  expect(readings - before).toBeLessThanOrEqual(most + 3);
  all.forEach(({ answer }) => answer.destroy());
  await eventually('all have gone', () => feed.listeners() === 0);
  await feed.stop();
  const after = readings;
  expect(after).toBeLessThanOrEqual(most + 20);
});

test('attempts come as they are made, newest first, those that fit', async () => {
  const port = await serve();
  await keepBlock(stage, [attemptOf(ID, { outcome: 'delivered', code: 200 })]); // before anyone looked
  const all = await listen(port, '?attempts=true');
  const failures = await listen(port, '?attempts=true&outcome=failed&code=5xx');
  const silent = await listen(port);
  await eventually('the first look was taken', () => all.events().length >= 2 && failures.events().length >= 2);
  await keepBlock(stage, [attemptOf(ID, { endedAt: 1_000 }), attemptOf(OTHER_ID, { endedAt: 2_000, code: 'timeout' })]);
  await keepBlock(stage, [attemptOf(ID, { endedAt: 3_000, outcome: 'delivered', code: 200 })]);
  await eventually('three have come', () => all.attempts().length >= 3);
  expect(new Set(all.attempts().map(({ postbackId }) => postbackId))).toEqual(new Set([ID, OTHER_ID]));
  await eventually('one has come', () => failures.attempts().length === 1);
  expect(failures.attempts()[0]).toMatchObject({ postbackId: ID, code: 503, outcome: 'retry' });
  const rounds = silent.events().length;
  await eventually('more rounds have passed', () => silent.events().length > rounds + 1);
  expect(all.attempts()).toHaveLength(3);
  expect(silent.attempts()).toHaveLength(0);
});

test('of a flood the newest hundred are shown', async () => {
  const { attempts, events } = await listen(await serve(), '?attempts=true');
  await eventually('the first look was taken', () => events().length >= 2);
  const flood = Array.from({ length: 300 }, (_, n) => attemptOf(`0-1795478400000-${n}`, { endedAt: n }));
  await keepBlock(stage, flood);
  await eventually('some have come', () => attempts().length > 0);
  expect(attempts()).toHaveLength(100);
  expect(attempts()[0]?.postbackId).toBe('0-1795478400000-299');
});

test('who is not let in does not listen; a session that ends, ends the stream', async () => {
  let now = Date.now();
  const clock = { now: () => now, monotonic: () => performance.now() };
  const access = { token: 'x'.repeat(24), readToken: '', sessionTtlMs: 60_000 };
  const port = await serve({ access, clock });
  const refused = await listen(port);
  expect(refused.answer.statusCode).toBe(401);
  const login = await fetch(`http://127.0.0.1:${port}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: access.token }),
  });
  const cookie = String(login.headers.get('set-cookie')).split(';')[0] ?? '';
  const { events, stream } = await listen(port, '', { cookie });
  await eventually('it listens', () => events().length > 0);
  now += 61_000;
  await eventually('it has ended', () => stream.isEnded);
});

test('only so many listen, and one that goes makes room', async () => {
  const feed = createFeed({ overview: stage.deps.overview, tail: createTail(stage.deps.attempts), limit: 2 });
  feed.start();
  const port = await serve({ feed });
  const [first] = await Promise.all([listen(port), listen(port)]);
  const third = await listen(port);
  expect(third.answer.statusCode).toBe(429);
  expect(third.answer.headers['retry-after']).toBe('1');
  first?.answer.destroy();
  await eventually('there is room', () => feed.listeners() === 1);
  expect((await listen(port)).answer.statusCode).toBe(200);
  await feed.stop();
});

test('open streams do not hold up a stop, and none is opened any more', async () => {
  const port = await serve({ isStopping: () => stage.deps.feed.listeners() === 0 });
  const { events, stream } = await listen(port);
  await eventually('it listens', () => events().length > 0);
  await stage.deps.feed.stop();
  await eventually('it has ended', () => stream.isEnded);
  expect((await listen(port)).answer.statusCode).toBe(503);
  await closeServer(server, { idleGraceMs: 0 });
  server.listen(0); // for the hook that closes it
});

test('a fault in the filter is a 400, a HEAD ends at once', async () => {
  const port = await serve();
  expect((await listen(port, '?outcome=*')).answer.statusCode).toBe(400);
  expect((await listen(port, '?attempt=true')).answer.statusCode).toBe(400);
  const head = await fetch(`http://127.0.0.1:${port}/api/events`, { method: 'HEAD' });
  expect(head.status).toBe(200);
  expect(stage.deps.feed.listeners()).toBe(0);
});

test('a Redis that goes away and comes back is told, by itself', async () => {
  const redisServer = await startTestRedis();
  const redis = createRedis({ url: redisServer.url, password: '', name: 'd', logger: silentLogger, failFast: true });
  await redis.connect();
  const overview = createOverviewReader({ read: () => readOverview(redis), clock: systemClock });
  const feed = createFeed({ overview, tail: createTail(stage.deps.attempts), periodMs: 50 });
  feed.start();
  try {
    const { events } = await listen(await serve({ feed }));
    const told = (isReachable: boolean) => () => {
      const last = events().at(-1)?.data as { redis: { isReachable: boolean } } | undefined;
      return last?.redis.isReachable === isReachable;
    };
    await eventually('it is there', told(true));
    process.kill(redisServer.pid(), 'SIGSTOP');
    await eventually('it is away', told(false), 15_000);
    process.kill(redisServer.pid(), 'SIGCONT');
    await eventually('it is back', told(true), 15_000);
  } finally {
    process.kill(redisServer.pid(), 'SIGCONT');
    await feed.stop();
    redis.destroy();
    await redisServer.stop();
  }
}, 60_000);
