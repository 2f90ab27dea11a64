/** doctor and status as an operator runs them, with a real Redis that goes away. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Server as NetServer } from 'node:net';
import type { RedisConnection } from '@postback/core/redis';
import { makeCertificate } from '@postback/core/testing/certificate';
import { eventually } from '@postback/core/testing/eventually';
import { freePort, startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { createApi } from '../../src/cli/api.js';
import { doctor } from '../../src/cli/doctor.js';
import { status } from '../../src/cli/status.js';
import { TIMEOUT_MS } from '../../src/doctor/gather.js';
import { setStage, type Stage } from '../stage.js';

let redisServer: TestRedis;
let redis: RedisConnection;
let stage: Stage;
let dashboard: Server;
const servers: NetServer[] = [];

beforeAll(async () => {
  redisServer = await startTestRedis(['--maxmemory', '100mb']);
  redis = await redisServer.connect();
});
afterAll(() => redisServer.stop());
beforeEach(async () => {
  stage = await setStage(redis);
  dashboard = await listen(stage.app);
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  server.unref();
  servers.push(server);
  await once(server, 'listening');
  return server;
}

const portOf = (server: NetServer) => (server.address() as AddressInfo).port;
const urlOf = (server: NetServer) => `http://127.0.0.1:${portOf(server)}`;
const deps = (lines: string[]) => ({
  api: createApi(urlOf(dashboard), '', TIMEOUT_MS),
  print: (line: string) => void lines.push(line),
  followMs: 5,
});

async function examined(services: Readonly<Record<string, string>> = {}, tls = '') {
  const lines: string[] = [];
  const list = Object.entries({ dashboard: `${urlOf(dashboard)}/readyz`, ...services });
  const places = { services: list.map(([name, url]) => `${name}=${url}`).join(), tls, bind: '127.0.0.1' };
  const code = await doctor([], deps(lines), places);
  return { code, lines, text: lines.join('\n') };
}

test('without a worker somebody should look: exit code 1, what it is, and what to do next', async () => {
  const { code, lines } = await examined();
  expect(code).toBe(1);
  expect(lines[1]).toBe('ready: dashboard');
  const at = lines.findIndex((line) => line.startsWith('BAD        no delivery worker is alive'));
  expect(lines[at + 1]).toContain('-> make up');
});

test('services that are away, hang up or are not ready are named with their reasons', async () => {
  const unready = await listen((_request, response) => {
    response.statusCode = 503;
    response.end(JSON.stringify({ reasons: ['Redis has appendonly no'] }));
  });
  const gone = `http://127.0.0.1:${await freePort()}/readyz`;
  const { text } = await examined({ ingest: `${urlOf(unready)}/readyz`, delivery: gone });
  expect(text).toContain('BAD        ingest is not ready: Redis has appendonly no');
  expect(text).toContain('BAD        delivery does not answer: ECONNREFUSED');
});

test('the certificate that is served is judged, and one that is not served is told of', async () => {
  const certificate = makeCertificate(['DNS:localhost']);
  const tls = createTlsServer(certificate).listen(0, '127.0.0.1');
  servers.push(tls);
  await once(tls, 'listening');
  certificate.remove();
  expect((await examined({}, `127.0.0.1:${portOf(tls)}`)).text).toContain(
    'attention  the certificate expires in 0 days',
  );
  expect((await examined({}, `127.0.0.1:${await freePort()}`)).text).toContain(
    'BAD        TLS does not answer: ECONNREFUSED',
  );
});

test('what it prints holds no data, and --json says the same', async () => {
  await stage.accept(1, 'partner.example');
  await stage.deps.destinations.pauseDestination('http://partner.example:80', { by: 'anna', reason: 'a test' });
  const { text } = await examined();
  expect(text).toContain('http://partner.example:80 is paused');
  expect(text).not.toMatch(/\/p\?a=|12345678901234567890|password|token/i);
  const lines: string[] = [];
  await doctor(['--json'], deps(lines), { services: '', tls: '', bind: '127.0.0.1' });
  expect(JSON.parse(lines.join(''))).toMatchObject({ isHealthy: false, findings: expect.any(Array) });
});

test('status shows everything on one screen', async () => {
  await stage.accept(3);
  await stage.die(2);
  await stage.deps.queue.pause({ by: 'operator', reason: 'a test' });
  const lines: string[] = [];
  await status([], deps(lines));
  const text = lines.join('\n');
  expect(text).toMatch(/books +5 accepted, 0 delivered, 0 unaccounted for/);
  expect(text).toMatch(/workers +0 alive/);
  expect(text).toMatch(/delivery +paused since .* \(operator: a test\)/);
  expect(lines.length).toBeLessThan(24);
});

test('with Redis away both say so, and with the dashboard away doctor does', async () => {
  await redisServer.kill();
  await eventually('it is noticed', async () => (await examined()).text.includes('Redis does not answer'), 15_000);
  const lines: string[] = [];
  await status([], deps(lines));
  expect(lines).toEqual(['Redis does not answer: make doctor']);
  dashboard.closeAllConnections();
  dashboard.close();
  const places = { services: '', tls: '', bind: '127.0.0.1' };
  const api = createApi(`http://127.0.0.1:${await freePort()}`);
  const said: string[] = [];
  expect(await doctor([], { api, print: (line) => said.push(line), followMs: 5 }, places)).toBe(1);
  expect(said.join('\n')).toContain('the dashboard cannot be asked: no answer from');
  await redisServer.start();
});
