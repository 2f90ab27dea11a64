import { silentLogger } from '@postback/core/logger';
import type { RawEntry } from '@postback/core/queue/scripts/read';
import supertest from 'supertest';
import { describedApp } from '../../../test/describedApp.js';
import { createApp } from '../../src/app.js';
import { useStage, type Stage } from '../stage.js';

let stage: Stage;

useStage((fresh) => void ({ stage } = fresh));

const api = () => supertest(stage.app);
const get = (path: string) => api().get(path);
const post = (path: string, body: object = {}) => api().post(path).send(body);

interface Page {
  readonly letters: readonly { readonly id: string }[];
  readonly next: string | null;
}

async function listAll(query: string): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body }: { body: Page } = await get(
      `/api/dead?limit=500&${query}${cursor ? `&cursor=${cursor}` : ''}`,
    ).expect(200);
    ids.push(...body.letters.map(({ id }) => id));
    cursor = body.next;
  }
  return ids;
}

describe('GET /api/dead', () => {
  test('pages over more letters than one request looks at, newest first, each once', async () => {
    await stage.die(3_000, { host: 'many.example' });
    const rare = await stage.die(2, { host: 'rare.example:8443', reason: 'poison' });
    await stage.die(3_000, { host: 'many.example' });
    expect(new Set(await listAll('')).size).toBe(6_002);
    expect((await listAll('host=rare.example')).sort()).toEqual([...rare].sort());
    expect((await listAll('host=RARE.example:8443&reason=poison')).sort()).toEqual([...rare].sort());
    expect(await listAll('host=rare.example&reason=rejected')).toEqual([]);
    const first = (await get('/api/dead?reason=poison').expect(200)).body;
    expect(first.scanned).toBeLessThanOrEqual(5_000);
  }, 60_000);

  test('tells what happened and to whom, found by reference and time', async () => {
    const [id] = await stage.die(1, { reference: 'order 7' });
    const { body } = await get('/api/dead?reference=order%207&from=1h').expect(200);
    expect(body.letters).toEqual([
      expect.objectContaining({ id, reason: 'rejected', detail: 'HTTP 404', method: 'POST', host: 'partner.example' }),
    ]);
    expect(body.next).toBeNull();
    expect(await listAll('to=1h')).toEqual([]);
    expect(await listAll('reference=order%208')).toEqual([]);
    expect(await listAll(`from=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
  });

  test.each([
    ['reason=nonsense', '/reason'],
    ['resaon=poison', '/resaon'],
    ['limit=0', '/limit'],
    ['limit=501', '/limit'],
    ['from=yesterday', '/from'],
    ['cursor=abc', '/cursor'],
    ['host=a&host=b', '/host'],
  ])('%s is refused with its place', async (query, pointer) => {
    const { body, type } = await get(`/api/dead?${query}`).expect(400);
    expect(type).toBe('application/problem+json');
    expect(body.errors).toEqual([expect.objectContaining({ pointer })]);
  });
});

describe('GET /api/dead/export', () => {
  const lettersIn = (text: string) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { id: string; data: string });

  test('gives every letter that fits as a line, once, over many pages, and what REDACT names is hidden', async () => {
    const secret = `{"a":1,"big":12345678901234567890,"token":"hush"}`;
    await stage.die(450, { host: 'many.example' });
    const rare = await stage.die(2, { host: 'rare.example', data: secret });
    const all = await get('/api/dead/export').expect(200).expect('content-type', 'application/jsonl');
    expect(new Set(lettersIn(all.text).map(({ id }) => id)).size).toBe(452);
    const some = await get('/api/dead/export?host=rare.example').expect(200);
    const letters = lettersIn(some.text);
    expect(letters.map(({ id }) => id).sort()).toEqual([...rare].sort());
    expect(letters[0]?.data).toContain('12345678901234567890');
    expect(some.text).not.toContain('hush');
    expect(some.headers['content-disposition']).toContain('dead-letters.jsonl');
  });

  test('without any: an empty file; with a filter that is none: 400', async () => {
    expect((await get('/api/dead/export').expect(200)).text).toBe('');
    await get('/api/dead/export?reason=boredom').expect(400);
    await get('/api/dead/export?limit=5').expect(400);
  });
});

describe('GET /api/dead/{id}', () => {
  test('gives the data as it was sent and hides credentials', async () => {
    const endpointJson =
      '{"method":"GET","url":"http://me:pw@p.example/","headers":{"Authorization":"Bearer canary","X":"1"}}';
    const [id] = await stage.die(1, { endpointJson });
    const { body, text } = await get(`/api/dead/${id}`).expect(200);
    expect(body.data).toBe('{"a":0,"big":12345678901234567890}');
    expect(body.endpoint.headers).toEqual({ Authorization: '***', X: '1' });
    expect(body.url).toBe('http://p.example/');
    expect(text).not.toMatch(/canary|me:pw/);
  });

  test('hides what REDACT names in URL, body, defaults, data and answer, and still sends it', async () => {
    const endpointJson = JSON.stringify({
      method: 'POST',
      url: 'http://p.example/?access_token=canary&a={a}',
      body: '{"api_key": "canary", "a": {a}}',
      defaults: { secret: 'canary', a: 1 },
    });
    const [id] = await stage.die(1, {
      endpointJson,
      lastBody: '{"token":"canary"}',
      data: '{"a":1,"password":"canary"}',
    });
    const { body, text } = await get(`/api/dead/${id}`).expect(200);
    expect(text).not.toContain('canary');
    expect(body.data).toBe('{"a":1,"password":"***"}');
    expect((await get('/api/dead').expect(200)).text).not.toContain('canary');
    await post(`/api/dead/${id}/redrive`).expect(202);
    const [entry] = await stage.take(stage.keys.retries);
    const postback = entry && stage.open(entry);
    expect(postback?.data).toContain('canary');
    expect(await stage.queue.readEndpoint(postback?.endpointHash ?? '')).toBe(endpointJson);
  });

  test.each(['0-1-1', 'nonsense', '%00'])('of %s, which is none, is 404', async (id) => {
    await get(`/api/dead/${id}`).expect(404);
  });
});

describe('POST /api/dead/{id}/redrive', () => {
  test('sends it again once', async () => {
    const [id] = await stage.die(1);
    await post(`/api/dead/${id}/redrive`).expect(202, { redriven: id });
    await post(`/api/dead/${id}/redrive`).expect(404);
    const [entry] = await stage.take(stage.keys.retries);
    expect(entry && stage.open(entry)).toMatchObject({ id, data: '{"a":0,"big":12345678901234567890}' });
  });

  test('with another url and headers leaves the rest as it was written, digit for digit', async () => {
    const [id] = await stage.die(1);
    await post(`/api/dead/${id}/redrive`, { url: 'https://new.example/{a}', headers: { 'X-Key': 'v' } }).expect(202);
    const [entry] = await stage.take(stage.keys.retries);
    const { endpointHash } = stage.open(entry as RawEntry);
    expect(await stage.queue.readEndpoint(endpointHash)).toBe(
      '{"method":"POST","url":"https://new.example/{a}","defaults":{"n":1e400},"headers":{"X-Key":"v"}}',
    );
  });

  test.each([
    [{ url: 'ftp://new.example' }, '/url'],
    [{ url: '' }, '/url'],
    [{ headers: { Host: 'x' } }, '/headers/Host'],
    [{ headers: [] }, '/headers'],
    [{ urll: 'x' }, '/urll'],
  ])('with %j is refused and nothing moved', async (body, pointer) => {
    const [id] = await stage.die(1);
    const answer = await post(`/api/dead/${id}/redrive`, body).expect(400);
    expect(answer.body.errors[0].pointer).toBe(pointer);
    expect(await stage.queue.books()).toMatchObject({ dead: 1, waiting: 0 });
  });

  test('of a letter whose endpoint is lost is 409', async () => {
    const [id] = await stage.die(1, { endpointJson: null });
    const { body } = await post(`/api/dead/${id}/redrive`).expect(409);
    expect(body.type).toBe('/docs/errors/not-redrivable');
  });

  test('from a form of another site is refused', async () => {
    const [id] = await stage.die(1);
    await api().post(`/api/dead/${id}/redrive`).expect(415);
    await api().post(`/api/dead/${id}/redrive`).type('form').send('a=1').expect(415);
    await api().post('/api/purge').type('text').send('{"all":true}').expect(415);
    expect(await stage.queue.books()).toMatchObject({ dead: 1 });
  });
});

describe('purging', () => {
  test('of one letter happens once and is counted', async () => {
    const [id] = await stage.die(2);
    await api().delete(`/api/dead/${id}`).expect(200, { purged: 1 });
    await api().delete(`/api/dead/${id}`).expect(404);
    expect(await stage.queue.books()).toMatchObject({ dead: 1, purged: 1 });
  });

  test('by filter takes what fits and nothing else', async () => {
    await stage.die(500, { host: 'a.example' });
    await stage.die(5, { host: 'b.example' });
    await post('/api/purge', { host: 'a.example' }).expect(200, { purged: 500, next: null });
    expect(await stage.queue.books()).toMatchObject({ dead: 5, purged: 500 });
    await post('/api/purge', { all: true }).expect(200, { purged: 5, next: null });
  });

  test.each([{}, { all: false }, { all: true, reason: 'poison' }])('with %j is refused', async (body) => {
    await stage.die(1);
    await post('/api/purge', body).expect(400);
    expect(await stage.queue.books()).toMatchObject({ dead: 1 });
  });

  test.each(['[1]', '{"all":tru', '"x"'])('with the body %s is refused', async (body) => {
    await api().post('/api/purge').type('json').send(body).expect(400);
  });
});

describe('DELETE /api/postbacks/{id}', () => {
  test('cancels a waiting one, once', async () => {
    const [id] = await stage.accept(1);
    await api().delete(`/api/postbacks/${id}`).expect(200, { cancelled: id });
    const { body } = await api().delete(`/api/postbacks/${id}`).expect(409);
    expect(body.type).toBe('/docs/errors/already-dead');
    expect((await get(`/api/dead/${id}`).expect(200)).body).toMatchObject({ reason: 'cancelled' });
    expect(await stage.queue.books()).toMatchObject({ cancelled: 1, dead: 0, waiting: 0 });
  });

  test('cancels a delayed one and one that waits as a retry', async () => {
    const ids = await stage.accept(2);
    const [first, second] = await stage.take();
    await stage.queue.delay(
      { ...(first as RawEntry), consumer: 'w' },
      { postback: stage.open(first as RawEntry), delayMs: 9e6 },
    );
    await stage.queue.handBack({ ...(second as RawEntry), consumer: 'w' }, stage.open(second as RawEntry));
    for (const id of ids) await api().delete(`/api/postbacks/${id}`).expect(200, { cancelled: id });
    expect(await stage.queue.books()).toMatchObject({ cancelled: 2, delayed: 0, waiting: 0 });
  });

  test('cancels a scheduled one that is due and waits in the stream again', async () => {
    const [id] = (await stage.accept(1)) as [string];
    const [entry] = await stage.take();
    await stage.queue.delay(
      { ...(entry as RawEntry), consumer: 'w' },
      { postback: stage.open(entry as RawEntry), delayMs: 0 },
    );
    await stage.queue.promote(10);
    await api().delete(`/api/postbacks/${id}`).expect(200, { cancelled: id });
  });

  test('of one that a worker has read is 409 and leaves it to the worker', async () => {
    const [id] = await stage.accept(1);
    const [entry] = await stage.take();
    const { body, headers } = await api().delete(`/api/postbacks/${id}`).expect(409);
    expect(body.type).toBe('/docs/errors/postback-pending');
    expect(headers['retry-after']).toBe('5');
    await stage.bury([entry as RawEntry]);
  });

  test('of a delivered one, and of what is no id, is 404', async () => {
    const [id] = await stage.accept(1);
    const [entry] = await stage.take();
    const { endpointHash } = stage.open(entry as RawEntry);
    await stage.queue.settle(stage.keys.stream, new Map([[endpointHash, [(entry as RawEntry).streamId]]]));
    for (const none of [id, '0-1-1', 'x', '0-1-1;']) await api().delete(`/api/postbacks/${none}`).expect(404);
  });
});

describe('POST /api/destinations/{destination}/cancel', () => {
  const cancelAll = async (destination: string) => {
    let [cancelled, steps] = [0, 0];
    let cursor: string | null | undefined;
    do {
      const path = `/api/destinations/${encodeURIComponent(destination)}/cancel`;
      const { body } = await post(path, cursor ? { cursor } : {}).expect(200);
      cancelled += body.cancelled;
      cursor = body.next;
      steps++;
    } while (cursor);
    return { cancelled, steps };
  };

  test('cancels all that wait for it, in steps, and no other', async () => {
    for (let i = 0; i < 6; i++) await stage.accept(1_000, 'gone.example');
    for (let i = 0; i < 6; i++) await stage.accept(1_000, 'alive.example');
    const { cancelled, steps } = await cancelAll('http://GONE.example/any');
    expect(cancelled).toBe(6_000);
    expect(steps).toBeGreaterThan(1);
    expect(await stage.queue.books()).toMatchObject({ waiting: 6_000, cancelled: 6_000 });
  }, 60_000);

  test('cancels delayed ones too and leaves those being attempted', async () => {
    await stage.accept(2, 'gone.example');
    const [first] = await stage.take();
    await stage.queue.delay(
      { ...(first as RawEntry), consumer: 'w' },
      { postback: stage.open(first as RawEntry), delayMs: 9e6 },
    );
    expect(await cancelAll('http://gone.example')).toMatchObject({ cancelled: 1 });
    expect(await stage.queue.books()).toMatchObject({ pending: 1, cancelled: 1 });
  });

  test.each(['nonsense', 'ftp://x'])('of %s is refused', async (destination) => {
    await post(`/api/destinations/${encodeURIComponent(destination)}/cancel`).expect(400);
    await post('/api/destinations/http%3A%2F%2Fx/cancel', { cursor: 'dead_0' }).expect(400);
  });
});

test('what an operator did is in the log, and what was only looked at is not', async () => {
  const logged: unknown[] = [];
  const info = (event: string, fields: unknown) => void logged.push([event, fields]);
  const app = describedApp(createApp({ ...stage.deps, logger: { ...silentLogger, info } }));
  const [id] = await stage.die(1);
  await supertest(app).get(`/api/dead/${id}`).expect(200);
  await supertest(app).delete(`/api/dead/${id}`).expect(200);
  const what = { request_id: expect.any(String), method: 'DELETE', path: `/api/dead/${id}`, purged: 1, ids: [id] };
  expect(logged).toEqual([
    ['audit.purge', { by: 'anyone', remote_address: expect.stringContaining('127.0.0.1'), ...what }],
  ]);
});
