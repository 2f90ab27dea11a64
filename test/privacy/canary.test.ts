/**
 * What REDACT names is sent, and is nowhere to be read: not in a log of any process at its most talkative, not in what the API shows of
 * attempts, postbacks and dead letters, not in an error. A whole stack delivers, fails and refuses with values that can be looked
 * for. Needs what `make test` builds.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEndpointServer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { eventually } from '@postback/core/testing/eventually';
import { freePort } from '@postback/core/testing/redisServer';
import { createStack, type CrashStack } from '../crash/crashStack.js';

const CANARY = 'canary';

let stack: CrashStack;
let party: EndpointServer;

beforeEach(async () => {
  party = await startEndpointServer(({ url }, response) => {
    response.statusCode = url.startsWith('/good') ? 200 : url.startsWith('/later') ? 503 : 404;
    response.setHeader('Set-Cookie', `session=${CANARY}`);
    response.end(`{"error":{"access_token":"${CANARY}","hint":"readable"}}`);
  });
});
afterEach(async () => {
  await stack.dispose(false);
  await party.close();
});

async function startStack(env: Readonly<Record<string, string>> = {}): Promise<void> {
  stack = await createStack({
    env: { ALLOWED_TARGETS: '127.0.0.1', RETRY_ATTEMPTS: '2', LOG_LEVEL: 'debug', ...env },
  });
  await stack.startAll();
  await stack.start('dashboard', 'nginx');
}

async function call(path: string, body?: unknown) {
  const post = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`${stack.httpUrl}${path}`, body === undefined ? {} : post);
  return { status: answer.status, text: await answer.text() };
}

/** A secret in every place where REDACT looks. */
function requestTo(origin: string, path: string) {
  return {
    endpoint: {
      method: 'POST',
      url: `${origin.replace('//', `//me:${CANARY}@`)}${path}?api_key=${CANARY}&token={token}&n={n}`,
      headers: { 'X-Auth-Token': CANARY, 'Content-Type': 'application/json', Cookie: `id=${CANARY}` },
      body: `{"client_secret": "${CANARY}", "n": "{n}"}`,
      defaults: { password: CANARY },
    },
    data: [{ n: 1, token: CANARY }],
  };
}

const REFUSED = [
  { ...requestTo('http://127.0.0.1', '/x'), endpoint: { method: 'GET', url: `ftp://me:${CANARY}@h/?token=${CANARY}` } },
  { ...requestTo('http://127.0.0.1', '/x'), endpoint: { method: 'GET', url: `http://h.example/?token={${CANARY}` } },
  { ...requestTo('http://127.0.0.1', '/x'), endpoint: { method: 'GET', url: `http://{${CANARY}}.example/` } },
  requestTo('http://10.0.0.1', '/x'),
  {
    endpoint: { method: 'GET', url: 'http://127.0.0.1/', headers: { Authorization: `${CANARY}\u0000` } },
    data: [{ n: 1 }],
  },
  { ...requestTo('http://127.0.0.1', '/x'), data: [{ token: `${CANARY}\u0000` }] },
];

/** One delivered, one dead after a retry, one refused at once, one that reached nobody. */
async function deliverAll(): Promise<void> {
  const closed = `http://127.0.0.1:${await freePort()}`;
  const places = [
    ...['/good', '/later', '/never'].map((path) => [party.origin, path] as const),
    [closed, '/x'] as const,
  ];
  for (const [origin, path] of places) {
    expect((await call('/ingest', requestTo(origin, path))).status).toBe(202);
  }
  await eventually('all have come to their end', async () => {
    const { delivered, dead } = await stack.queue.books();
    return delivered === 1 && dead === 3;
  });
}

/** What the API shows of the four postbacks and their six attempts. */
async function readViews(): Promise<string> {
  const attempts = await eventually('their attempts are kept', async () => {
    const { text } = await call('/api/attempts');
    return text.split('"postbackId"').length === 7 ? text : undefined;
  });
  const page = JSON.parse(attempts) as { attempts: { postbackId: string }[] };
  const ids = new Set(page.attempts.map(({ postbackId }) => postbackId));
  const paths = [...ids].flatMap((id) => [`/api/postbacks/${id}`, `/api/dead/${id}`]);
  const views = await Promise.all(['/api/dead', ...paths].map((path) => call(path)));
  return [attempts, ...views.map(({ text }) => text)].join('\n');
}

async function readLogs(): Promise<string[]> {
  await Promise.all(['nginx', 'ingest-1', 'dashboard', 'delivery-1'].map((name) => stack.process(name).end('SIGTERM')));
  return readdirSync(stack.layout.logDir).flatMap((file) =>
    readFileSync(join(stack.layout.logDir, file), 'utf8').split('\n'),
  );
}

const withCanary = (texts: readonly string[]) => texts.filter((text) => text.includes(CANARY));

test('used rightly and wrongly, the stack sends its clients’ secrets and shows none', async () => {
  await startStack();
  await deliverAll();
  const refusals = await Promise.all(REFUSED.map((request) => call('/ingest', request)));
  expect(refusals.map(({ status }) => Math.floor(status / 100))).toEqual(REFUSED.map(() => 4));
  expect(withCanary(refusals.map(({ text }) => text))).toEqual([]);
  expect((await call('/ingest/preview', requestTo(party.origin, '/good'))).status).toBe(200);

  const shown = await readViews();
  expect(shown).toContain('readable');
  expect(shown).toContain('api_key=***&token=***&n=1');
  expect(withCanary([shown])).toEqual([]);
  const logs = await readLogs();
  expect(logs.filter((line) => line.includes('"postback.attempted"'))).toHaveLength(6);
  expect(withCanary(logs)).toEqual([]);

  const [sent] = party.received.filter(({ url }) => url.startsWith('/good'));
  expect(sent?.url).toBe(`/good?api_key=${CANARY}&token=${CANARY}&n=1`);
  expect(sent?.headers).toMatchObject({ 'x-auth-token': CANARY, cookie: `id=${CANARY}` });
  expect(sent?.headers.authorization).toBe(`Basic ${Buffer.from(`me:${CANARY}`).toString('base64')}`);
  expect(sent?.body).toContain(CANARY);
}, 90_000);

test('with nothing to hide the same is found in views and logs, so the test above looks where it would be', async () => {
  await startStack({ REDACT: 'none' });
  await deliverAll();
  expect(await readViews()).toContain(CANARY);
  const attempted = withCanary(await readLogs()).filter((line) => line.includes('"postback.attempted"'));
  expect(attempted).toHaveLength(6);
}, 90_000);
