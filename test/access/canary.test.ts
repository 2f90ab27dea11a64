/**
 * Keys, tokens, passwords and cookies are nowhere to be read: not in a log of any process at its most talkative, not in an answer, not in the
 * memory of Redis. A whole stack is used rightly and wrongly with secrets that can be looked for. Needs what `make test` builds.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createStack, type CrashStack } from '../crash/crashStack.js';

const CANARY = 'canary';
const secret = (name: string) => `${CANARY}-${name}-0123456789abcdef`;
const [KEY, SLOW, TOKEN, READ, WRONG] = ['key', 'slow', 'token', 'read', 'wrong'].map(secret) as [
  string,
  string,
  string,
  string,
  string,
];

let stack: CrashStack;
const answers: string[] = [];

beforeAll(async () => {
  const env = {
    INGEST_API_KEYS: `acme:${KEY},slow:${SLOW}:1`,
    DASHBOARD_TOKEN: TOKEN,
    DASHBOARD_READ_TOKEN: READ,
    LOG_LEVEL: 'debug',
  };
  stack = await createStack({ env });
  await stack.startAll();
  await stack.start('dashboard', 'nginx');
}, 60_000);
afterAll(() => stack.dispose(false));

async function call(path: string, headers: Readonly<Record<string, string>>, body?: unknown) {
  const init =
    body === undefined ? {} : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) };
  const answer = await fetch(`${stack.httpUrl}${path}`, {
    ...init,
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
  });
  const text = await answer.text();
  const cookie = answer.headers.get('set-cookie') ?? '';
  answers.push(`${path} ${answer.status} ${JSON.stringify([...answer.headers])} ${text}`);
  return { status: answer.status, headers: answer.headers, text, cookie: cookie.split(';')[0] ?? '' };
}

test('used rightly and wrongly, the stack keeps its secrets to itself', async () => {
  const sample = { endpoint: { method: 'GET', url: `${stack.sinkUrl}/x?a={a}` }, data: [{ a: 1 }, { a: 2 }] };
  const statuses = [];
  for (const [path, headers, body] of [
    ['/ingest', { authorization: `Bearer ${KEY}` }, sample],
    ['/ingest', { 'x-api-key': KEY }, sample],
    ['/ingest', { authorization: `Bearer ${KEY}`, 'idempotency-key': 'one' }, '{"endpoint":'],
    ['/ingest', { 'x-api-key': SLOW }, { ...sample, data: Array(100).fill({ a: 1 }) }],
    ['/ingest', { 'x-api-key': SLOW }, sample],
    ['/ingest', { authorization: `Bearer ${WRONG}` }, sample],
    ['/ingest', { 'x-api-key': WRONG }, sample],
    ['/ingest', { authorization: `Bearer ${KEY}`, 'content-type': 'text/plain' }, sample],
    ['/api/stats', { authorization: `Bearer ${TOKEN}` }, undefined],
    ['/api/stats', { authorization: `Bearer ${READ}` }, undefined],
    ['/api/stats', { authorization: `Bearer ${WRONG}` }, undefined],
    ['/api/stats', { cookie: `postback_session=${WRONG}` }, undefined],
    ['/api/pause', { authorization: `Bearer ${READ}` }, {}],
    ['/api/pause', { authorization: `Bearer ${TOKEN}` }, {}],
    ['/api/resume', { authorization: `Bearer ${TOKEN}` }, {}],
    ['/api/session', {}, { token: WRONG }],
    ['/api/session', {}, { token: WRONG, other: WRONG }],
    ['/api/session', {}, `{"token":"${WRONG}"`],
    ['/api/nothing', { authorization: `Bearer ${TOKEN}` }, undefined],
  ] as const) {
    statuses.push((await call(path, headers, body)).status);
  }
  expect(statuses).toEqual([
    202, 202, 400, 202, 429, 401, 401, 415, 200, 200, 401, 401, 403, 200, 200, 401, 400, 400, 404,
  ]);
  const { cookie } = await call('/api/session', {}, { token: TOKEN });
  expect((await call('/api/stats', { cookie })).status).toBe(200);
  expect((await call('/', { cookie })).status).toBe(200);
  for (const path of ['/healthz', '/readyz', '/metrics', '/login']) await call(path, {});

  const session = cookie.replace('postback_session=', '');
  expect(session.length).toBeGreaterThan(40);
  const said = answers.filter((answer) => !answer.includes('"set-cookie"')).join('\n');
  expect(said).not.toContain(CANARY);
  expect(said).not.toContain(session);

  await Promise.all(['nginx', 'ingest-1', 'dashboard', 'delivery-1'].map((name) => stack.process(name).end('SIGTERM')));
  const logs = readdirSync(stack.layout.logDir)
    .map((file) => readFileSync(join(stack.layout.logDir, file), 'utf8'))
    .join('\n');
  expect(logs).toContain('"api_key":"acme"');
  expect(logs).toContain('audit.login_failed');
  expect(logs).toContain('"path":"/api/pause"');
  expect(logs).not.toContain(CANARY);
  expect(logs).not.toContain(session);
  const password = readFileSync(stack.layout.passwordFile, 'utf8');
  expect(logs).not.toContain(`"${password}"`);
}, 90_000);

test('what a careless log line would leave is found', () => {
  expect(JSON.stringify({ event: 'request.received', headers: { authorization: `Bearer ${KEY}` } })).toContain(CANARY);
});
