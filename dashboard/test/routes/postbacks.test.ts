import type { RedisConnection } from '@postback/core/redis';
import { eventually } from '@postback/core/testing/eventually';
import supertest from 'supertest';
import { describedApp } from '../../../test/describedApp.js';
import { createApp } from '../../src/app.js';
import { createWatcher } from '../../src/status/watcher.js';
import { attemptOf, keepBlock } from '../keepAttempts.js';
import { endpointAt, useStage, type Stage } from '../stage.js';

let stage: Stage;
let redis: RedisConnection;

useStage((fresh) => void ({ stage, redis } = fresh));

const get = (path: string) => supertest(stage.app).get(path);
const show = async (id: string | undefined, query = '') => {
  const { body } = await get(`/api/postbacks/${id}${query}`).expect(200);
  return body as Record<string, unknown> & { attempts: unknown[] };
};
const accept = async (reference?: string, settings = {}): Promise<string> => {
  const endpointJson = endpointAt('partner.example');
  const request = { endpointHash: 'h', endpointJson, data: ['{"a":1,"big":12345678901234567890,"token":"canary"}'] };
  const [id] = await stage.queue.enqueue({ ...request, settings, ...(reference ? { references: [reference] } : {}) });
  return id as string;
};
const takeOne = async (stream?: string) => {
  const [entry] = await stage.take(stream);
  if (!entry) throw new Error('nothing was waiting');
  return { held: { ...entry, consumer: 'w' }, postback: stage.open(entry) };
};
/** One attempt failed: the postback is delayed. */
const fail = async (delayMs: number) => {
  const { held, postback } = await takeOne();
  const tried = { ...postback, attemptsMade: 1, history: [[1_795_473_689_477, 503, 12] as const] };
  await stage.queue.delay(held, { postback: tried, delayMs });
};
const settle = async (id: string) => {
  const { held } = await takeOne();
  await keepBlock(stage, [attemptOf(id, { outcome: 'delivered', code: 200 })]);
  await stage.queue.settle(held.stream, new Map([['h', [held.streamId]]]));
};

describe('GET /api/postbacks/{id} tells where it is', () => {
  test('waiting, then pending, with what will be sent and without its secrets', async () => {
    const id = await accept('order 7');
    expect(await show(id)).toMatchObject({
      id,
      state: 'waiting',
      reference: 'order 7',
      destination: 'http://partner.example:80',
      attemptsMade: 0,
      attempts: [],
      data: '{"a":1,"big":12345678901234567890,"token":"***"}',
      endpoint: { method: 'POST', url: 'http://partner.example/p?a={a}' },
    });
    await takeOne();
    expect((await show(id)).state).toBe('pending');
  });

  test('delayed, with the next attempt and the one that was made', async () => {
    const id = await accept();
    await fail(60_000);
    const body = await show(id);
    expect(body).toMatchObject({ state: 'delayed', attemptsMade: 1 });
    expect(Date.parse(String(body['nextAttemptAt']))).toBeGreaterThan(Date.now() + 30_000);
    expect(body.attempts).toEqual([{ endedAt: '2026-11-23T22:41:29.477Z', code: 503, responseTimeMs: 12 }]);
    await keepBlock(stage, [attemptOf(id, { endedAt: 1_795_473_689_477 })]);
    expect((await show(id)).attempts).toEqual([expect.objectContaining({ outcome: 'retry', code: 503 })]);
  });

  test('waiting for a retry that is due, among others, and then pending', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 2; count++) {
      ids.push(await accept());
      await fail(0);
    }
    await stage.queue.promote(10);
    expect((await show(ids[1])).state).toBe('waiting');
    await takeOne(stage.keys.retries);
    expect((await show(ids[1])).state).toBe('pending');
  });

  test('scheduled, and in the stream again when it is due', async () => {
    const id = await accept(undefined, { delayMs: 20 });
    expect((await show(id)).state).toBe('delayed');
    await eventually('it is due', async () => (await stage.queue.promote(10)).promoted === 1);
    expect((await show(id)).state).toBe('waiting');
  });

  test('parked, with the destination whose state it waits for', async () => {
    const id = await accept('order 9');
    await stage.deps.destinations.park('http://partner.example:80', [await takeOne()]);
    expect(await show(id)).toMatchObject({
      state: 'parked',
      destination: 'http://partner.example:80',
      attemptsMade: 0,
    });
    await keepBlock(stage, [attemptOf(id, { destination: 'http://moved.example:80' })]);
    expect((await show(id)).state).toBe('parked');
    const { body } = await get('/api/postbacks?reference=order%209').expect(200);
    expect(body.postbacks).toEqual([expect.objectContaining({ id, state: 'parked' })]);
  });

  test('dead, cancelled, and dead when its letter has been purged', async () => {
    const [id] = await stage.die(1, { lastBody: '{"token":"canary"}' });
    expect(await show(id)).toMatchObject({ state: 'dead', reason: 'rejected', detail: 'HTTP 404' });
    const waiting = await accept();
    await supertest(stage.app).delete(`/api/postbacks/${waiting}`).expect(200);
    expect((await show(waiting)).state).toBe('cancelled');
    await keepBlock(stage, [attemptOf(id as string, { outcome: 'dead', code: 404 })]);
    await supertest(stage.app).delete(`/api/dead/${id}`).expect(200);
    const purged = await show(id);
    expect(purged).toMatchObject({ state: 'dead', attemptsMade: 1 });
    expect(purged['data']).toBeUndefined();
  });

  test('delivered, as long as its attempt is kept', async () => {
    const id = await accept('order 7');
    await settle(id);
    expect(await show(id)).toMatchObject({ state: 'delivered', attempts: [{ outcome: 'delivered', code: 200 }] });
    await stage.deps.attempts.erase(id);
    const { body } = await get(`/api/postbacks/${id}`).expect(404);
    expect(body.type).toBe('/docs/errors/unknown-or-expired');
  });

  test.each(['0-1-1', 'nonsense', '%00', '0-99999999999999-0'])('%s, which is none, is 404', async (id) => {
    const { body } = await get(`/api/postbacks/${id}`).expect(404);
    expect(body.type).toBe('/docs/errors/unknown-or-expired');
  });

  test('a client that writes like our records into its data finds nothing', async () => {
    const forged = '{"a":"\\n{\\"v\\":1,\\"i\\":\\"0-5-5\\"","r":"order 9"}';
    await stage.queue.enqueue({ endpointHash: 'h', endpointJson: '{}', data: [forged] });
    await fail(0);
    await stage.queue.promote(1);
    await get('/api/postbacks/0-5-5').expect(404);
    expect((await get('/api/postbacks?reference=order%209').expect(200)).body.postbacks).toEqual([]);
  });
});

describe('?waitSeconds', () => {
  test('answers when it is delivered, long before the time is over', async () => {
    const id = await accept();
    const startedAt = performance.now();
    const waiting = show(id, '?waitSeconds=30');
    await eventually('it is being waited for', () => stage.queue.books().then(({ waiting: count }) => count === 1));
    await settle(id);
    expect((await waiting).state).toBe('delivered');
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  test('tells where it is when the time is over', async () => {
    const id = await accept();
    expect((await show(id, '?waitSeconds=1')).state).toBe('waiting');
  });

  test('is bounded in time and in number, and ends when the service stops', async () => {
    await get(`/api/postbacks/0-5-0?waitSeconds=31`).expect(400);
    const id = await accept();
    let stopping = false;
    const watcher = createWatcher({ clock: stage.deps.clock, limit: 1 });
    const app = describedApp(createApp({ ...stage.deps, watcher, isStopping: () => stopping }));
    const path = `/api/postbacks/${id}?waitSeconds=30`;
    const first = supertest(app)
      .get(path)
      .expect(200)
      .then(({ body }) => body as { state: string });
    const refused = await eventually('the second is refused', async () => {
      const { status, headers } = await supertest(app).get(path.replace('30', '1'));
      return status === 429 ? headers : undefined;
    });
    expect(refused['retry-after']).toBe('1');
    await supertest(app).get(`/api/postbacks/${id}`).expect(200);
    stopping = true;
    expect((await first).state).toBe('waiting');
  });
});

describe('GET /api/postbacks?reference=', () => {
  test('finds them wherever they are, newest first, and no other', async () => {
    const ids: string[] = [];
    const add = async (reference: string, settings = {}) => ids.push(await accept(reference, settings));
    await add('order "7"');
    await settle(ids[0] as string);
    // settled without a reference in its attempt: nothing is left that names it
    await add('order "7"');
    await fail(60_000);
    await add('order "7"', { delayMs: 60_000 });
    await accept('order 8');
    await fail(0);
    await add('order "7"');
    await fail(0);
    await stage.queue.promote(10);
    await add('order "7"');
    const [dead] = await stage.die(1, { reference: 'order "7"' });
    await keepBlock(stage, [attemptOf('0-5-5', { outcome: 'delivered', reference: 'order "7"' })]);
    const { body } = await get(`/api/postbacks?reference=${encodeURIComponent('order "7"')}`).expect(200);
    const found = (body.postbacks as { id: string; state: string }[]).map(({ id, state }) => [id, state]);
    expect(found).toEqual(
      expect.arrayContaining([
        [dead, 'dead'],
        ['0-5-5', 'delivered'],
      ]),
    );
    expect(found.map(([id]) => id)).toEqual(expect.arrayContaining(ids.slice(1)));
    expect(new Set(found.map(([id]) => id)).size).toBe(found.length);
    expect(body.isComplete).toBe(true);
  });

  test('is needed, and of no other spelling', async () => {
    await get('/api/postbacks').expect(400);
    await get('/api/postbacks?ref=a').expect(400);
  });
});

describe('POST /api/postbacks/{id}/erase', () => {
  const erase = (id: string | undefined) => supertest(stage.app).post(`/api/postbacks/${id}/erase`).send({});
  /** All keys and values of the installation: nothing of the postback may be in there. */
  const everything = async () => {
    const prefix = stage.keys.stream.replace(/:stream$/, '');
    const names = (await redis.send('', ['KEYS', `${prefix}*`.replace(/[{}]/g, '\\$&')])) as string[];
    const dumps = await Promise.all(names.map((name) => readAll(name)));
    return JSON.stringify(dumps);
  };
  const readAll = async (name: string) => {
    const type = await redis.send('', ['TYPE', name]);
    if (type === 'hash') return redis.send('', ['HGETALL', name]);
    if (type === 'stream') return redis.send('', ['XRANGE', name, '-', '+']);
    return type === 'zset' ? redis.send('', ['ZRANGE', name, '0', '-1']) : redis.send('', ['GET', name]);
  };

  test('leaves nothing of a postback that waits, is delayed, dead or delivered', async () => {
    const delayed = await accept('canary');
    await fail(60_000);
    await keepBlock(stage, [attemptOf(delayed, { reference: 'canary', url: 'http://p.example/?a=canary' })]);
    const delivered = await accept('canary');
    await settle(delivered);
    const [dead] = await stage.die(1, { data: '{"a":"canary"}', reference: 'canary' });
    const waiting = await accept('canary');
    expect(await everything()).toContain('canary');
    const counts = await Promise.all(
      [waiting, delayed, dead, delivered].map(async (id) => (await erase(id).expect(200)).body as object),
    );
    expect(counts).toEqual([
      { erased: waiting, wasQueued: true, letters: 1, attempts: 0 },
      { erased: delayed, wasQueued: true, letters: 1, attempts: 1 },
      { erased: dead, wasQueued: false, letters: 1, attempts: 0 },
      { erased: delivered, wasQueued: false, letters: 0, attempts: 1 },
    ]);
    expect(await everything()).not.toContain('canary');
    for (const id of [waiting, delayed, dead, delivered]) await get(`/api/postbacks/${id}`).expect(404);
    await erase(dead).expect(404);
  });

  test('waits for the worker that has it in hand', async () => {
    const id = await accept();
    await takeOne();
    const { body } = await erase(id).expect(409);
    expect(body.type).toBe('/docs/errors/postback-pending');
    await erase('nonsense').expect(404);
    await supertest(stage.app).post(`/api/postbacks/${id}/erase`).expect(415);
  });
});

test('while Redis is away it is said', async () => {
  redis.destroy();
  const { body } = await get('/api/attempts').expect(503);
  expect(body.type).toBe('/docs/errors/queue-unavailable');
  await redis.connect();
});
