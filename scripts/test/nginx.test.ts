/** The edge alone: a real nginx with our configuration in front of small servers that stand in for the services. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot } from '../src/local/layout.js';
import { PortPicker } from '../src/local/ports.js';
import { searchPath } from '../src/local/systemPackages.js';

const directory = mkdtempSync(join(tmpdir(), 'nginx-'));
const picker = new PortPicker();
const requests: { readonly to: string; readonly request: IncomingMessage }[] = [];
let servers: readonly Server[];
let nginx: ChildProcess;
let port: number;

/** Answers with its name; /reset breaks the connection off after the request was read. */
async function startServer(name: string): Promise<Server> {
  const server = createServer((request, response) => {
    requests.push({ to: name, request });
    request.resume().on('end', () => (request.headers['x-test'] === 'reset' ? response.destroy() : response.end(name)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

const addressOf = (server: Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  const [ingest, dashboard] = (servers = await Promise.all(['ingest', 'dashboard'].map(startServer)));
  if (!ingest || !dashboard) throw new Error('no servers');
  port = await picker.pick(0);
  const nobody = `127.0.0.1:${await picker.pick(0)}`;
  nginx = spawn('sh', [join(repositoryRoot, 'nginx/run.sh')], {
    stdio: 'ignore',
    env: {
      PATH: searchPath(process.env['PATH']),
      NGINX_DIR: directory,
      LISTEN: `127.0.0.1:${port}`,
      INGEST_SERVERS: addressOf(ingest),
      DASHBOARD_SERVERS: `${nobody} ${addressOf(dashboard)}`,
      SINK_SERVER: nobody,
      MAX_BODY_BYTES: '2000',
      ACCESS_LOG: join(directory, 'access.log'),
      ERROR_LOG: join(directory, 'error.log'),
    },
  });
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz/nginx`).catch(() => undefined);
    if (answer?.ok) break;
    await sleep(20);
  }
});

beforeEach(() => {
  requests.length = 0;
});

afterAll(async () => {
  nginx.kill('SIGQUIT');
  const [code] = (await once(nginx, 'exit')) as [number];
  servers.forEach((server) => server.close());
  rmSync(directory, { recursive: true });
  expect(code).toBe(0);
});

const call = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);

test.each([
  ['/ingest', 'ingest'],
  ['/ingest.php', 'ingest'],
  ['/i', 'ingest'],
  ['/ingest/preview', 'ingest'],
  ['/healthz', 'ingest'],
  ['/readyz', 'ingest'],
  ['/', 'dashboard'],
  ['/api/stats', 'dashboard'],
  ['/openapi.json', 'dashboard'],
  ['/ingestion', 'dashboard'],
])('%s goes to %s', async (path, to) => {
  expect(await (await call(path)).text()).toBe(to);
});

test('identity and origin of a request are made here, not taken over from the client', async () => {
  const forged = { 'x-request-id': 'forged', 'x-forwarded-for': '6.6.6.6' };
  const answer = await call('/ingest', { method: 'POST', body: '{}', headers: forged });
  const [arrived] = requests;
  expect(arrived?.request.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1' });
  expect(arrived?.request.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  expect(answer.headers.get('x-request-id')).toBe(arrived?.request.headers['x-request-id']);
});

test('a POST that a service broke off is answered with 503 and not sent again', async () => {
  const answer = await call('/ingest', { method: 'POST', body: '{}', headers: { 'x-test': 'reset' } });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({ type: '/docs/errors/service-unavailable', status: 503 });
  expect(requests).toHaveLength(1);
});

test('a server that does not listen is passed over', async () => {
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => call('/api/stats', { method: 'POST', body: '{}' })),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

test('a body beyond the limit is refused before a service sees it', async () => {
  const answer = await call('/ingest', { method: 'POST', body: 'x'.repeat(2_001) });
  expect(answer.status).toBe(413);
  expect(await answer.json()).toMatchObject({ type: '/docs/errors/body-too-large', status: 413 });
  expect(requests).toHaveLength(0);
});

test('without a sink its page says how to start it', async () => {
  const answer = await call('/sink/');
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ type: '/docs/errors/sink-not-running' });
});

test.each([
  ['two lengths', 'POST /ingest HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
  ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ['a huge header', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`],
])('a request with %s is a problem document too', async (_what, raw) => {
  const socket = connect(port, '127.0.0.1');
  socket.write(raw);
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1.1 400 [^]*application\/problem\+json[^]*"type":"\/docs\/errors\/bad-request"/);
  expect(requests).toHaveLength(0);
});
