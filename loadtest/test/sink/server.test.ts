import { Agent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { preciseNow } from '../../src/preciseClock.js';
import type { Sink } from '../../src/sink/server.js';
import { createSink } from '../../src/sink/server.js';
import { expectNoOpenSockets } from '../fakeStack.js';

interface Options {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

let sink: Sink;
let port: number;

beforeEach(async () => {
  sink = createSink({ now: preciseNow });
  port = await sink.start({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  await sink.stop();
  await expectNoOpenSockets();
});

async function call(path: string, { method = 'GET', headers = {}, body }: Options = {}) {
  const request = httpRequest({ port, path, method, headers, agent: new Agent() });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const answer = await text(response);
  return { status: response.statusCode, headers: response.headers, text: answer };
}

async function callJson(path: string, options?: Options) {
  const { text: body, ...rest } = await call(path, options);
  return { ...rest, body: body === '' ? undefined : JSON.parse(body) };
}

describe('capturing', () => {
  it('takes any method at any address, answers ok and shows what came, newest first', async () => {
    expect(await call('/data?title=Gopher%20%26')).toMatchObject({ status: 200, text: 'ok' });
    const body = '{"id":12345678901234567890,"price":1.10}';
    await call('/hook', { method: 'PUT', headers: { 'Postback-Id': '0-1-0', 'X-Custom': 'é' }, body });
    const { body: shown } = await callJson('/captured?limit=10');
    expect(shown.total).toBe(2);
    expect(shown.captured[0]).toMatchObject({ method: 'PUT', url: '/hook', body, bodyBytes: body.length, status: 200 });
    expect(shown.captured[0].headers).toMatchObject({ 'postback-id': '0-1-0' });
    expect(Date.parse(shown.captured[0].at as string)).toBeGreaterThan(Date.now() - 10_000);
    expect(shown.captured[1]).toMatchObject({ method: 'GET', url: '/data?title=Gopher%20%26', body: '' });
  });

  it('takes addresses that only look like its own', async () => {
    for (const path of ['/healthz/x', '/capturedx', '/?title=x', '/run']) await call(path);
    expect((await callJson('/captured')).body.total).toBe(4);
  });

  it('filters, limits and clears', async () => {
    for (const name of ['a', 'b', 'a']) await call(`/data?name=${name}`);
    expect((await callJson('/captured?contains=name=a')).body.captured).toHaveLength(2);
    expect((await callJson('/captured?limit=1')).body.captured).toHaveLength(1);
    expect((await callJson('/captured?limit=0')).status).toBe(400);
    expect((await call('/captured', { method: 'DELETE' })).status).toBe(204);
    expect((await callJson('/captured')).body).toEqual({ total: 0, captured: [] });
  });

  it('keeps the newest 200 of many', async () => {
    for (let index = 0; index < 205; index++) await call(`/data?n=${index}.`);
    const { body: shown } = await callJson('/captured?limit=200');
    expect(shown.total).toBe(205);
    expect([shown.captured.length, shown.captured[0].url, shown.captured[199].url]).toEqual([
      200,
      '/data?n=204.',
      '/data?n=5.',
    ]);
  });

  it('keeps 64 KiB of a large body and knows its length', async () => {
    await call('/data', { method: 'POST', body: 'x'.repeat(100_000) });
    const [captured] = (await callJson('/captured')).body.captured;
    expect([captured.body.length, captured.bodyBytes]).toEqual([65_536, 100_000]);
  });
});

describe('runs', () => {
  const deliver = (seq: number, headers: Record<string, string> = {}) =>
    call(`/postback/r1?run=r1&seq=${seq}`, { headers });
  const arrivals = async () =>
    (await call('/runs/r1/arrivals')).text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as [number, number, number, (string | null)[]]);

  it('records count, first arrival and ids per seq, from query and body', async () => {
    await call('/runs/r1', { method: 'PUT', body: '{}' });
    const before = preciseNow();
    await deliver(3, { 'Postback-Id': 'a' });
    await deliver(3, { 'Postback-Id': 'b' });
    await call('/hook', { method: 'POST', body: '{"run":"r1","seq":0}' });
    const lines = await arrivals();
    expect(lines.map(([seq, count, , ids]) => [seq, count, ids])).toEqual([
      [3, 2, ['a', 'b']],
      [0, 1, [null]],
    ]);
    expect(lines[0]?.[2]).toBeGreaterThanOrEqual(before);
    expect(lines[0]?.[2]).toBeLessThanOrEqual(preciseNow());
    expect((await callJson('/runs/r1')).body).toMatchObject({ run: 'r1', arrivals: 3, distinct: 2 });
  });

  it('drops and duplicates exact shares, and shows the dropped nowhere', async () => {
    await call('/runs/r1', { method: 'PUT', body: '{"dropShare":0.1,"duplicateShare":0.1}' });
    for (let seq = 0; seq < 40; seq++) expect((await deliver(seq)).status).toBe(200);
    expect((await callJson('/runs/r1')).body).toMatchObject({ distinct: 36, arrivals: 40, dropped: 4 });
    expect((await callJson('/captured')).body.total).toBe(36);
  });

  it('fails the first attempts, which are no arrivals', async () => {
    await call('/runs/r1', { method: 'PUT', body: '{"failFirst":2,"status":429}' });
    expect([(await deliver(0)).status, (await deliver(0)).status]).toEqual([429, 429]);
    expect(await arrivals()).toEqual([]);
    expect((await deliver(0)).status).toBe(200);
    expect((await callJson('/runs/r1')).body).toMatchObject({ failed: 2, arrivals: 1 });
  });

  it('delays arrival and answer', async () => {
    await call('/runs/r1', { method: 'PUT', body: '{"delayMs":80}' });
    const before = preciseNow();
    await deliver(0);
    const [[, , firstArrivalAt] = [0, 0, 0]] = await arrivals();
    expect(firstArrivalAt - before).toBeGreaterThanOrEqual(79);
  });

  it('refuses a behaviour it does not know, with the reason', async () => {
    const { status, headers, body } = await callJson('/runs/r1', { method: 'PUT', body: '{"dropshare":0.1}' });
    expect([status, headers['content-type']]).toEqual([400, 'application/problem+json']);
    expect(body.errors[0].pointer).toBe('/dropshare');
    expect((await callJson('/runs/r1')).status).toBe(404);
  });

  it('forgets a run on request', async () => {
    await call('/runs/r1', { method: 'PUT' });
    expect((await call('/runs/r1', { method: 'DELETE' })).status).toBe(204);
    expect((await callJson('/runs/r1/arrivals')).status).toBe(404);
  });
});

describe('the rest', () => {
  it('is healthy', async () => {
    expect(await callJson('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('has a page that needs nothing from elsewhere', async () => {
    const { headers, text: html } = await call('/');
    expect(headers['content-type']).toContain('text/html');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(html).not.toMatch(/https?:|(src|href|fetch\()="?\//);
  });

  it('finishes a delayed answer when it is stopped, and closes the connection', async () => {
    await call('/runs/r1', { method: 'PUT', body: '{"delayMs":150}' });
    const agent = new Agent({ keepAlive: true });
    const request = httpRequest({ port, path: '/postback/r1?run=r1&seq=0', agent });
    request.end();
    await once(request, 'socket');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    await Promise.all([sink.stop(), answered.then(([response]) => text(response))]);
    const [response] = await answered;
    expect(response.statusCode).toBe(200);
    sink = createSink({ now: preciseNow });
    await sink.start({ host: '127.0.0.1', port: 0 });
    agent.destroy();
  });
});
