/** The edge alone: where requests go, and what becomes of those that go nowhere. */
import { eventually } from '@postback/core/testing/eventually';
import { startEdge, type TestEdge } from './testEdge.js';

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge({ MAX_BODY_BYTES: '2000' });
});
beforeEach(() => {
  edge.arrived.length = 0;
});
afterAll(async () => {
  expect(await edge.stop()).toBe(0);
});

const call: TestEdge['call'] = (path, init) => edge.call(path, init);

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

test.each([
  '/metrics',
  '/metrics/',
  '/METRICS',
  '//metrics',
  '/%6detrics',
  '/metrics?x=1',
  '/a/../metrics',
  '/metrics/x',
])('%s is kept from the outside: nobody behind nginx is asked', async (path) => {
  const answer = await edge.sendRaw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(edge.arrived).toEqual([]);
});

test('identity and origin of a request are made here, not taken over from the client', async () => {
  const forged = {
    'x-request-id': 'forged-by-client',
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'forged',
    'x-real-ip': '6.6.6.6',
    forwarded: 'for=6.6.6.6',
  };
  const answer = await call('/ingest', { method: 'POST', body: '{}', headers: forged });
  const [arrived] = edge.arrived;
  expect(arrived?.request.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' });
  for (const name of ['x-forwarded-host', 'x-real-ip', 'forwarded'])
    expect(arrived?.request.headers).not.toHaveProperty(name);
  expect(arrived?.request.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  expect(answer.headers.get('x-request-id')).toBe(arrived?.request.headers['x-request-id']);
});

test('a POST that a service broke off is answered with 503 and not sent again', async () => {
  const answer = await call('/ingest', { method: 'POST', body: '{}', headers: { 'x-test': 'reset' } });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({ type: '/docs/errors/service-unavailable', status: 503 });
  expect(edge.arrived).toHaveLength(1);
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
  expect(edge.arrived).toHaveLength(0);
});

test('the sink is shown to whom the dashboard lets in; a browser is sent to the login', async () => {
  const post = { method: 'POST', body: 'x'.repeat(100), headers: { 'x-test': '401', cookie: 'a=b' } };
  const refused = await call('/sink/captured?limit=1', post);
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="dashboard"');
  expect(await refused.json()).toMatchObject({ type: '/docs/errors/unauthorized', status: 401 });
  const [asked] = edge.arrived;
  expect(asked?.request).toMatchObject({ method: 'GET', url: '/api/session' });
  expect(asked?.request.headers).toMatchObject({ cookie: 'a=b', 'x-forwarded-for': '127.0.0.1' });
  const headers = { 'x-test': '401', accept: 'text/html,*/*' };
  const browser = await call('/sink/', { headers, redirect: 'manual' });
  expect([browser.status, browser.headers.get('location')]).toEqual([303, '/login']);
  expect(await (await call('/sink/', { headers: { 'x-test': '403' } })).json()).toMatchObject({ status: 403 });
  expect(await (await call('/sink/', { headers: { 'x-test': '429' } })).json()).toMatchObject({ status: 503 });
});

test('the name of the API key is in the log, and not in the answer', async () => {
  const answer = await call('/ingest', { method: 'POST', body: '{}', headers: { 'x-api-key': 'canary' } });
  expect(answer.headers.get('x-api-key-name')).toBeNull();
  await eventually('it is logged', () => edge.accessLog().includes('"api_key":"acme"'));
  expect(edge.accessLog()).not.toContain('canary');
});

test('without a sink its page says how to start it', async () => {
  const answer = await call('/sink/');
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ type: '/docs/errors/sink-not-running' });
});

test.each([
  ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ['a huge header', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`],
])('a request with %s is a problem document too, which tells the id that the log has', async (_what, raw) => {
  const answer = await edge.sendRaw(raw);
  expect(answer).toMatch(/^HTTP\/1.1 400 [^]*application\/problem\+json[^]*"type":"\/docs\/errors\/bad-request"/);
  const [, id = 'none'] = /"requestId":"([0-9a-f]{32})"/.exec(answer) ?? [];
  expect(answer).toContain(`X-Request-Id: ${id}\r\n`);
  await eventually('the log has it', () => edge.accessLog().includes(`"request_id":"${id}"`));
  expect(edge.arrived).toHaveLength(0);
});
