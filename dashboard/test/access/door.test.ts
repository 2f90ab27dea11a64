import { silentLogger, type Fields } from '@postback/core/logger';
import type { RequestListener } from 'node:http';
import supertest from 'supertest';
import { describedApp } from '../../../test/describedApp.js';
import { createApp } from '../../src/app.js';
import { useStage, type Stage } from '../stage.js';

const [TOKEN, READ] = ['operators-operators', 'readers-readers-readers'];
const HOUR = 3_600_000;
let stage: Stage;
let app: RequestListener;
let now = Date.now();
let logged: [string, Fields][];

useStage((fresh) => {
  stage = fresh.stage;
  logged = [];
  app = appWith({ token: TOKEN, readToken: READ });
});

function appWith(tokens: { token: string; readToken: string }): RequestListener {
  const keep = (event: string, fields: Fields = {}) => void logged.push([event, fields]);
  return describedApp(
    createApp({
      ...stage.deps,
      access: { ...tokens, sessionTtlMs: HOUR },
      clock: { now: () => now, monotonic: () => now },
      logger: { ...silentLogger, info: keep, warn: keep, error: keep },
    }),
  );
}

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const logIn = (token: string, headers: Record<string, string> = {}) =>
  supertest(app).post('/api/session').set(headers).send({ token });
const cookieOf = (response: { headers: Record<string, unknown> }) =>
  String(response.headers['set-cookie']).split(';')[0] ?? '';
const pauseWith = (headers: Record<string, string>) => supertest(app).post('/api/pause').set(headers).send({});

test.each(['/api/stats', '/api/dead', '/api/nothing', '/', '/index.html', '/login.html', '/nothing'])(
  '%s without a token: 401, and for a browser that wants a page the login page',
  async (path) => {
    const answer = await supertest(app).get(path).set('accept', '*/*').expect(401);
    expect(answer.body.type).toBe('/docs/errors/unauthorized');
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="dashboard"');
    const browser = await supertest(app).get(path).set('accept', 'text/html,*/*;q=0.8');
    const isApi = path.startsWith('/api/');
    expect([browser.status, browser.headers['location']]).toEqual(isApi ? [401, undefined] : [303, '/login']);
  },
);

test('health, readiness and the login page are open', async () => {
  await supertest(app).get('/healthz').expect(200);
  await supertest(app).get('/readyz').expect(200);
  const page = await supertest(app).get('/login').expect(200);
  expect(page.text).toContain('DASHBOARD_TOKEN');
  expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
});

test('what the login page is made of is open, and nothing else is by that', async () => {
  await supertest(app).get('/assets/login.js').expect(200);
  await supertest(app).get('/assets/login.css').expect(200);
  for (const path of ['/assets/../index.html', '/assets/nothing.js', '/assets/', '/assets'])
    await supertest(app).get(path).set('accept', '*/*').expect(401);
});

test('the token opens everything, as bearer', async () => {
  await supertest(app).get('/api/stats').set(as(TOKEN)).expect(200);
  await supertest(app).get('/').set(as(TOKEN)).expect(200);
  await pauseWith(as(TOKEN)).expect(200);
});

test('the read token opens what is only looked at; every change is refused and does nothing', async () => {
  const [id] = await stage.die(1);
  await supertest(app).get(`/api/dead/${id}`).set(as(READ)).expect(200);
  const changes = [
    ['post', '/api/pause'],
    ['post', '/api/resume'],
    ['post', '/api/purge'],
    ['post', '/api/redrive'],
    ['post', `/api/dead/${id}/redrive`],
    ['delete', `/api/dead/${id}`],
    ['delete', `/api/postbacks/${id}`],
    ['post', '/api/archive/x/import'],
    ['put', '/api/something/that/may/come'],
  ] as const;
  for (const [method, path] of changes) {
    const answer = await supertest(app)[method](path).set(as(READ)).send({ all: true }).expect(403);
    expect(answer.body.type).toBe('/docs/errors/forbidden');
  }
  expect(await stage.queue.books()).toMatchObject({ dead: 1, waiting: 0 });
});

test('a browser exchanges the token for a cookie that scripts cannot read and other sites cannot send', async () => {
  const answer = await logIn(TOKEN).expect(200);
  expect(answer.body).toEqual({ kind: 'operator', expiresAt: new Date(now + HOUR).toISOString() });
  const header = String(answer.headers['set-cookie']);
  expect(header).toMatch(/^postback_session=[\w.-]+; Max-Age=3600; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/);
  expect(header).not.toContain(TOKEN);
  const cookie = cookieOf(answer);
  await supertest(app).get('/api/stats').set('cookie', `a=b; ${cookie}; c=d`).expect(200);
  await supertest(app).get('/').set('cookie', cookie).set('accept', 'text/html').expect(200);
  await pauseWith({ cookie }).expect(200);
  expect((await supertest(app).get('/api/session').set('cookie', cookie).expect(200)).body.kind).toBe('operator');
});

test('over https the cookie is Secure', async () => {
  const answer = await logIn(TOKEN, { 'x-forwarded-proto': 'https' }).expect(200);
  expect(String(answer.headers['set-cookie'])).toContain('; Secure');
});

test('a login ends by its time, and by logging out in this browser', async () => {
  const cookie = cookieOf(await logIn(READ).expect(200));
  await pauseWith({ cookie }).expect(403);
  const out = await supertest(app).delete('/api/session').set('cookie', cookie).expect(204);
  expect(String(out.headers['set-cookie'])).toMatch(/^postback_session=; Max-Age=0;/);
  now += HOUR;
  await supertest(app).get('/api/stats').set('cookie', cookie).expect(401);
});

test('credentials that are meant for a proxy in front do not stand in the way', async () => {
  const cookie = cookieOf(await logIn(TOKEN).expect(200));
  await supertest(app).get('/api/stats').set({ cookie, authorization: 'Basic eDp5' }).expect(200);
});

test('a wrong token beside a good cookie does not come in', async () => {
  const cookie = cookieOf(await logIn(TOKEN).expect(200));
  await supertest(app)
    .get('/api/stats')
    .set({ cookie, ...as('wrong') })
    .expect(401);
});

test.each([
  [{ 'sec-fetch-site': 'cross-site' }],
  [{ 'sec-fetch-site': 'same-site' }],
  [{ origin: 'http://evil.example' }],
  [{ origin: 'null' }],
])('a change that a page elsewhere asks for, %j, is refused whoever asks', async (headers) => {
  const cookie = cookieOf(await logIn(TOKEN).expect(200));
  for (const who of [{ cookie }, as(TOKEN)]) {
    await pauseWith({ ...who, ...headers }).expect(403);
  }
  await logIn(TOKEN, headers as unknown as Record<string, string>).expect(403);
  expect((await stage.queue.readPauses()).current).toBeUndefined();
  await supertest(app)
    .get('/api/stats')
    .set({ cookie, ...headers } as Record<string, string>)
    .expect(200);
});

test('after ten wrong tokens an address has to wait, with the right one too; others do not, nor who is in', async () => {
  const cookie = cookieOf(await logIn(TOKEN).expect(200));
  const from = (address: string) => ({ 'x-forwarded-for': address });
  for (let n = 0; n < 5; n++) {
    await logIn('wrong', from('192.0.2.1')).expect(401);
    await supertest(app)
      .get('/api/stats')
      .set({ ...as('wrong'), ...from('192.0.2.1') })
      .expect(401);
  }
  const refused = await logIn(TOKEN, from('192.0.2.1')).expect(429);
  expect(refused.headers['retry-after']).toBe('6');
  await supertest(app)
    .get('/api/stats')
    .set({ ...as(TOKEN), ...from('192.0.2.1') })
    .expect(429);
  await supertest(app)
    .get('/api/stats')
    .set({ cookie, ...from('192.0.2.1') })
    .expect(200);
  await logIn(TOKEN, from('192.0.2.2')).expect(200);
  now += 6_000;
  await logIn(TOKEN, from('192.0.2.1')).expect(200);
  expect(logged.filter(([event]) => event === 'audit.login_failed')).toHaveLength(10);
});

test('every change is in the log, with who, from where, by which request and how much', async () => {
  const [first, second] = await stage.die(3);
  const about = { ...as(TOKEN), 'x-forwarded-for': '192.0.2.9', 'x-request-id': 'r-1' };
  const call = (method: 'post' | 'delete', path: string, body: object = {}) =>
    supertest(app)[method](path).set(about).send(body);
  await call('post', '/api/pause', { reason: 'works' }).expect(200);
  await call('post', '/api/resume').expect(200);
  await call('delete', `/api/dead/${first}`).expect(200);
  await call('post', `/api/dead/${second}/redrive`, { headers: { 'X-Secret': 'canary-canary' } }).expect(202);
  await call('delete', `/api/postbacks/${second}`).expect(200);
  await call('post', '/api/purge', { reason: 'rejected' }).expect(200);
  const job = (await call('post', '/api/redrive', { all: true }).expect(202)).body.job;
  await call('delete', `/api/redrive/${job}`).expect(200);
  await call('post', '/api/destinations/http%3A%2F%2Fpartner.example/cancel').expect(200);
  await call('post', '/api/session', { token: TOKEN }).expect(200);
  await call('delete', '/api/dead/0-1-1').expect(404);
  const lines = logged.filter(([event]) => event.startsWith('audit.'));
  expect(lines.map(([event]) => event)).toEqual(
    ['pause', 'resume', 'purge', 'redrive', 'cancel', 'purge', 'redrive', 'redrive_stop', 'cancel', 'login'].map(
      (action) => `audit.${action}`,
    ),
  );
  for (const [, fields] of lines) {
    expect(fields).toMatchObject({ by: 'operator', remote_address: '192.0.2.9', request_id: 'r-1' });
  }
  expect(lines[0]?.[1]).toMatchObject({ reason: 'works', method: 'POST', path: '/api/pause' });
  expect(lines[3]?.[1]).toMatchObject({ redriven: 1, ids: [second], replaced: ['headers'] });
  expect(lines[5]?.[1]).toMatchObject({ purged: 1, filter: { reason: 'rejected' } });
  expect(lines[8]?.[1]).toMatchObject({ cancelled: 0, destination: 'http://partner.example:80' });
  expect(JSON.stringify(logged)).not.toMatch(/canary|operators-operators/);
});

test('without tokens everyone on this machine may come in, but not by a name that somebody gave it', async () => {
  const open = appWith({ token: '', readToken: '' });
  await supertest(open).get('/api/stats').expect(200);
  await supertest(open).post('/api/pause').send({}).expect(200);
  expect((await supertest(open).get('/api/session').expect(200)).body).toEqual({ kind: 'anyone', expiresAt: null });
  const rebound = { host: 'evil.example:8080', origin: 'http://evil.example:8080', 'sec-fetch-site': 'same-origin' };
  await supertest(open).get('/api/stats').set(rebound).expect(403);
  await supertest(open).post('/api/resume').set(rebound).send({}).expect(403);
  await supertest(open).get('/healthz').set(rebound).expect(200);
});
