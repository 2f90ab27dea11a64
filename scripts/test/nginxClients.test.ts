/** Whom nginx believes, and how much it takes from one client. Clients are played through a trusted proxy: ourselves. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from '@postback/core/testing/eventually';
import { edgeSettings } from '../src/local/edgeSettings.js';
import { repositoryRoot } from '../src/local/layout.js';
import { searchPath } from '../src/local/systemPackages.js';
import { startEdge, type TestEdge } from './testEdge.js';

const running: TestEdge[] = [];
afterEach(async () => {
  for (const edge of running.splice(0)) expect(await edge.stop()).toBe(0);
});

async function start(env: Readonly<Record<string, string>>): Promise<TestEdge> {
  const edge = await startEdge(env);
  running.push(edge);
  return edge;
}

/** A request as a trusted proxy would pass it on for this client. */
const callFor = (edge: TestEdge, client: string, headers: Readonly<Record<string, string>> = {}) =>
  edge.call('/ingest', { method: 'POST', body: '{}', headers: { 'x-forwarded-for': client, ...headers } });

const statusesFor = async (edge: TestEdge, client: string, count: number) => {
  const answers = await Promise.all(Array.from({ length: count }, () => callFor(edge, client)));
  const statuses = answers.map(({ status }) => status);
  return {
    passed: statuses.filter((one) => one === 200).length,
    refused: statuses.filter((one) => one === 429).length,
  };
};

test('a trusted proxy is believed about the client, the scheme and the id of a request', async () => {
  const edge = await start({ TRUSTED_PROXIES: '127.0.0.0/8, ::1' });
  const said = { 'x-request-id': 'proxy-0815.a', 'x-forwarded-proto': 'https' };
  const answer = await callFor(edge, '6.6.6.6, 203.0.113.7, 127.0.0.9', said);
  expect(edge.arrived[0]?.request.headers).toMatchObject({ ...said, 'x-forwarded-for': '203.0.113.7' });
  expect(answer.headers.get('x-request-id')).toBe('proxy-0815.a');
});

test.each(['short', 'with blank', 'quote"d-identity', 'x'.repeat(65)])(
  'an id such as %j is replaced even so',
  async (id) => {
    const edge = await start({ TRUSTED_PROXIES: '127.0.0.1' });
    await callFor(edge, '203.0.113.7', { 'x-request-id': id });
    expect(edge.arrived[0]?.request.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  },
);

test('beyond the rate exactly the rest is refused, with what a client needs to do better, and reaches nobody', async () => {
  const edge = await start({
    TRUSTED_PROXIES: '127.0.0.1',
    CLIENT_RATE: '1',
    CLIENT_BURST: '20',
    CLIENT_CONNECTIONS: '0',
  });
  const started = performance.now();
  const { passed, refused } = await statusesFor(edge, '203.0.113.7', 50);
  const refilled = Math.ceil((performance.now() - started) / 1_000); // one for each second that this took
  expect(passed + refused).toBe(50);
  expect(passed).toBeGreaterThanOrEqual(20);
  expect(passed).toBeLessThanOrEqual(20 + refilled);
  expect(edge.arrived).toHaveLength(passed);

  const answers = await Promise.all(Array.from({ length: 5 }, () => callFor(edge, '203.0.113.7')));
  const answer = answers.find(({ status }) => status === 429);
  expect(Object.fromEntries(answer?.headers ?? [])).toMatchObject({
    'content-type': 'application/problem+json',
    'retry-after': '1',
    'ratelimit-policy': '"client";q=1;w=1',
    ratelimit: '"client";r=0;t=1',
    'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(await answer?.json()).toMatchObject({
    type: '/docs/errors/too-many-requests',
    status: 429,
    detail: expect.stringContaining('CLIENT_RATE'),
    requestId: answer?.headers.get('x-request-id'),
  });
});

test('one client at its limit does not hinder another; the addresses of one IPv6 network are one client', async () => {
  const edge = await start({ TRUSTED_PROXIES: '127.0.0.1', CLIENT_RATE: '1', CLIENT_BURST: '1' });
  expect((await callFor(edge, '2001:db8:1:1::1')).status).toBe(200);
  const sameNetwork = await Promise.all(['::2', ':a:b:c:d', '::'].map((end) => callFor(edge, `2001:db8:1:1${end}`)));
  expect(sameNetwork.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(2);
  expect((await callFor(edge, '2001:db8:1:2::1')).status).toBe(200);
  expect((await callFor(edge, '203.0.113.7')).status).toBe(200);
  expect((await callFor(edge, '203.0.113.8')).status).toBe(200);
});

test('more requests at a time than CLIENT_CONNECTIONS are refused, also while the others only dribble', async () => {
  const edge = await start({ CLIENT_UNLIMITED: 'none', CLIENT_CONNECTIONS: '3' });
  const dribble = async () => {
    const socket = await edge.open('POST /ingest HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{');
    return socket.on('error', () => undefined);
  };
  const answer = await eventually('a fourth is refused', async () => {
    const dribblers = await Promise.all([dribble(), dribble(), dribble()]);
    const next = await edge.call('/ingest', { method: 'POST', body: '{}' });
    for (const socket of dribblers) socket.destroy();
    return next.status === 429 ? next : undefined;
  });
  expect(answer.headers.get('ratelimit-policy')).toBe('"client-connections";q=3;qu="concurrent-requests"');
  expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('CLIENT_CONNECTIONS') });
});

test('by default clients on loopback and private networks are not counted, all others are', async () => {
  const edge = await start({ TRUSTED_PROXIES: '127.0.0.1', CLIENT_RATE: '1', CLIENT_BURST: '1' });
  for (const own of ['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', 'fd00::1'])
    expect(await statusesFor(edge, own, 5)).toEqual({ passed: 5, refused: 0 });
  expect((await statusesFor(edge, '172.32.0.1', 10)).refused).toBeGreaterThan(0);
});

const render = (env: Readonly<Record<string, string>>) => {
  const services = { INGEST_SERVERS: '127.0.0.1:1', DASHBOARD_SERVERS: '127.0.0.1:1', SINK_SERVER: '127.0.0.1:1' };
  const path = { PATH: searchPath(process.env['PATH']) };
  const script = join(repositoryRoot, 'nginx/render.sh');
  return spawnSync('sh', [script], { encoding: 'utf8', env: { ...path, ...services, ...env } });
};

test('the defaults of the settings are those that nginx gets when nothing is set', () => {
  const defaults: Record<string, string> = {};
  for (const [name, setting] of Object.entries(edgeSettings)) defaults[name] = setting.default ?? '';
  const { stdout } = render(defaults);
  expect(stdout).toContain('limit_req zone=client_rate');
  expect(stdout).toBe(render({}).stdout);
});

test.each([
  ['TRUSTED_PROXIES', 'proxy.example'],
  ['TRUSTED_PROXIES', '10.0.0.0/8; deny all'],
  ['CLIENT_UNLIMITED', 'everybody'],
  ['CLIENT_RATE', '10r/m'],
  ['CLIENT_BURST', '0'],
  ['CLIENT_CONNECTIONS', '-1'],
])('%s=%s is refused in one line that names the setting', (name, value) => {
  const { status, stdout, stderr } = render({ [name]: value });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^invalid setting ${name}: expected .*\n$`));
  expect(stderr).toContain(`got "${value}"`);
});
