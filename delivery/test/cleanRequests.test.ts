/** What goes over the wire is what the endpoint says and nothing else, and credentials go to the third party only. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createAttempts } from '@postback/core/queue/attempts';
import { queueKeys, type QueueKeys } from '@postback/core/queue/keys';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import type { RedisConnection } from '@postback/core/redis';
import { eventually } from '@postback/core/testing/eventually';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import type { Worker } from '../src/worker.js';
import { settled } from './settled.js';
import { createTestWorker, type Line } from './testWorker.js';

const USER = 'canary-user';
const PASSWORD = 'canary-pass';
const BASIC = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');

let redisServer: TestRedis;
let redis: RedisConnection;
let keys: QueueKeys;
let queue: Queue;
let party: Server;
let host: string;
/** The bytes of each request, as they came. */
let requests: string[];
let statusLine: string;
let lines: Line[];
let worker: Worker;
let round = 0;

beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = await redisServer.connect();
});
afterAll(() => redisServer.stop());
beforeEach(async () => {
  keys = queueKeys(0, `clean-${round++}`);
  queue = createQueue(redis, keys);
  requests = [];
  lines = [];
  statusLine = 'HTTP/1.1 204 No Content';
  party = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      requests.push(bytes.toString('latin1'));
      socket.end(`${statusLine}\r\nConnection: close\r\n\r\n`);
    });
  }).listen(0, '127.0.0.1');
  await once(party, 'listening');
  host = `127.0.0.1:${(party.address() as AddressInfo).port}`;
  const env = { RETRY_SCHEDULE: '50ms', RETRY_ATTEMPTS: '2', SHUTDOWN_TIMEOUT: '300ms', LOG_LEVEL: 'debug' };
  worker = createTestWorker({ server: redisServer, keys, consumer: 'w', env, lines, fatal: [] });
  await worker.start();
});
afterEach(async () => {
  await worker.stop();
  party.close();
});

async function send(endpoint: object, data: string): Promise<string> {
  const endpointJson = JSON.stringify(endpoint);
  const [id] = await queue.enqueue({ endpointHash: `hash-${round}`, endpointJson, data: [data] });
  await settled(queue);
  return id as string;
}

test('a GET is its own headers, ours and the framing', async () => {
  const headers = { 'X-Fixed': 'é\t1', 'X-Key': '{k}' };
  const id = await send({ method: 'GET', url: `http://${host}/p?k={k}`, headers }, '{"k":"v w"}');
  const [first = '', ...rest] = (requests[0] ?? '').split('\r\n');
  expect(first).toBe('GET /p?k=v%20w HTTP/1.1');
  const known = rest.filter((line) => !/^(webhook-|traceparent:)/i.test(line)).sort();
  expect(known).toEqual(
    [
      ...['', '', `host: ${host}`, 'connection: keep-alive', 'accept: */*', 'user-agent: Postback-Delivery/1'],
      ...[`postback-id: ${id}`, 'postback-attempt: 1', 'x-fixed: é\t1', 'x-key: v w'],
    ].sort(),
  );
});

test('a value that would begin another header makes the postback unrenderable: nothing is stripped, nothing is sent', async () => {
  for (const value of ['a\\r\\nX-B: 1', 'a\\nb', 'a\\u0000b', '漢']) {
    await send({ method: 'GET', url: `http://${host}/`, headers: { 'X-A': '{v}' } }, `{"v":"${value}"}`);
  }
  expect(requests).toEqual([]);
  expect(await queue.books()).toMatchObject({ dead: 4, delivered: 0 });
});

test('credentials in the URL become Authorization, and stand in no log line and no kept attempt', async () => {
  statusLine = 'HTTP/1.1 500 No';
  const id = await send({ method: 'POST', url: `http://${USER}:${PASSWORD}@${host}/p?n={n}`, body: '{n}' }, '{"n":1}');
  expect(requests).toHaveLength(2);
  for (const request of requests) {
    expect(request).toMatch(/^POST \/p\?n=1 HTTP\/1\.1\r\n/);
    expect(request).toContain(`\r\nauthorization: Basic ${BASIC}\r\n`);
    expect(request).not.toContain(USER);
  }
  const attempts = createAttempts(redis, keys);
  const kept = await eventually('both attempts are kept', async () => {
    const found = await attempts.of(id);
    return found.length === 2 && found;
  });
  expect(lines.filter(({ event }) => event === 'postback.attempted')).toHaveLength(2);
  expect(lines.some(({ event }) => event === 'postback.died')).toBe(true);
  for (const canary of [USER, PASSWORD, BASIC]) {
    expect(JSON.stringify(lines)).not.toContain(canary);
    expect(JSON.stringify(kept)).not.toContain(canary);
  }
});

test('nor when they are part of what the address guard refuses', async () => {
  await send({ method: 'GET', url: `http://${USER}:${PASSWORD}@10.1.2.3/` }, '{}');
  expect(lines.filter(({ event }) => event === 'postback.died')).toMatchObject([{ reason: 'forbidden-target' }]);
  expect(JSON.stringify(lines)).not.toMatch(/canary/);
});
