import { createStatsRecorder } from '@postback/core/stats/recorder';
import supertest from 'supertest';
import { useStage, type Stage } from '../stage.js';

let stage: Stage;

useStage((fresh) => void ({ stage } = fresh));

const get = (path: string) => supertest(stage.app).get(`/api${path}`);
const post = (path: string) => supertest(stage.app).post(`/api${path}`).set('content-type', 'application/json');
const pathOf = (host: string) => `/destinations/${encodeURIComponent(`http://${host}`)}`;

/** As a worker would. */
const park = async (count: number, host: string) => {
  const ids = await stage.accept(count, host);
  const items = (await stage.take()).map((entry) => ({
    held: { ...entry, consumer: 'w' },
    postback: stage.open(entry),
  }));
  await stage.queue.park(`http://${host}:80`, items);
  return ids;
};

describe('GET /api/destinations', () => {
  test('lists what is parked and what holds, the longest line first, a page at a time', async () => {
    expect((await get('/destinations').expect(200)).body).toEqual({ destinations: [], total: 0, next: null });
    await park(1, 'a.example');
    await park(3, 'b.example');
    await stage.queue.setHold('http://a.example:80', 60_000);
    await stage.queue.setBreaker('http://b.example:80', {
      to: 'open',
      expectedSince: 0,
      openMs: 9_000,
      reason: '5 of 5',
    });
    await stage.queue.pauseDestination('http://c.example:80', { by: 'operator', reason: 'they move' });
    const { body } = await get('/destinations').expect(200);
    expect(body).toMatchObject({ total: 3, next: null });
    expect(body.destinations).toMatchObject([
      { destination: 'http://b.example:80', state: 'broken', parked: 3, breaker: { reason: '5 of 5', trips: 1 } },
      { destination: 'http://a.example:80', state: 'held', parked: 1, heldUntil: expect.any(String) },
      { destination: 'http://c.example:80', state: 'paused', parked: 0, pause: { reason: 'they move' } },
    ]);
    expect(body.destinations[0].parkedBytes).toBeGreaterThan(3 * 60);
    expect(body.destinations[0].oldestSeconds).toBeLessThan(600);
    const first = (await get('/destinations?limit=2').expect(200)).body;
    expect(first).toMatchObject({ total: 3, next: '2' });
    const second = (await get(`/destinations?limit=2&cursor=${first.next}`).expect(200)).body;
    expect([...first.destinations, ...second.destinations]).toHaveLength(3);
    expect(second.next).toBeNull();
  });

  test('a hold that has run out, and a pause that is over, do not show as holding', async () => {
    await stage.queue.setHold('http://a.example:80', 1);
    await stage.queue.pauseDestination('http://a.example:80', { by: 'operator', reason: '' });
    await stage.queue.resumeDestination('http://a.example:80');
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { body } = await get('/destinations').expect(200);
    expect(body).toEqual({ destinations: [], total: 0, next: null });
    await park(1, 'a.example');
    const [listed] = (await get('/destinations').expect(200)).body.destinations;
    expect(listed).toMatchObject({ destination: 'http://a.example:80', state: 'called', parked: 1 });
  });

  test('on request tells of all that were called, how much went there and how well', async () => {
    const recorder = createStatsRecorder(2);
    const count = (host: string, outcome: string, times: number) => {
      const attempt = { destination: `http://${host}:80`, outcome, totalMs: 20 };
      for (let n = 0; n < times; n++) recorder.attempted(attempt, 30);
    };
    count('busy.example', 'delivered', 9);
    count('busy.example', 'retry', 1);
    count('ill.example', 'dead', 3);
    count('too-many.example', 'delivered', 4);
    await park(1, 'ill.example');
    await stage.deps.stats.record(recorder.take());
    const names = async (query: string) =>
      ((await get(`/destinations${query}`).expect(200)).body.destinations as { destination: string }[]).map(
        ({ destination }) => destination,
      );
    expect(await names('')).toEqual(['http://ill.example:80']);
    expect(await names('?all=true')).toEqual(['http://ill.example:80', 'http://busy.example:80']);
    expect(await names('?all=true&sort=volume')).toEqual(['http://busy.example:80', 'http://ill.example:80']);
    expect(await names('?all=true&sort=failures&minutes=180')).toEqual([
      'http://ill.example:80',
      'http://busy.example:80',
    ]);
    const { body } = await get('/destinations?all=true&sort=volume').expect(200);
    const [busy, ill] = body.destinations;
    expect(busy.volume).toMatchObject({ delivered: 9, failedAttempts: 1, dead: 0, successShare: 0.9 });
    expect(Math.abs(busy.volume.response.p99Ms / 20 - 1)).toBeLessThan(0.1);
    expect(ill).toMatchObject({ parked: 1, volume: { delivered: 0, failedAttempts: 3, successShare: 0 } });
    expect(body.other).toMatchObject({ delivered: 4 });
  });

  test.each(['sort=name', 'minutes=181', 'limit=0', 'limit=501', 'cursor=x', 'limti=1'])(
    'with %s is refused',
    async (query) => {
      await get(`/destinations?${query}`).expect(400);
    },
  );
});

describe('pause and resume of a destination', () => {
  test('are shown, and asking twice does no harm; however it is written it is the same one', async () => {
    for (const written of ['Partner.Example', 'partner.example:80', 'partner.example/path']) {
      const { body } = await post(`${pathOf(written)}/pause`)
        .send({ reason: 'they move' })
        .expect(200);
      const destination = 'http://partner.example:80';
      expect(body).toEqual({
        destination,
        paused: true,
        since: expect.any(String),
        by: 'operator',
        reason: 'they move',
      });
    }
    expect((await get('/pause').expect(200)).body).toEqual({ paused: false });
    for (let n = 0; n < 2; n++) {
      expect(
        (
          await post(`${pathOf('partner.example')}/resume`)
            .send('{}')
            .expect(200)
        ).body,
      ).toMatchObject({ paused: false });
    }
  });

  test.each([
    ['/destinations/nonsense/pause', '{}', 400],
    ['/destinations/nonsense/resume', '{}', 400],
    [`${pathOf('a.example')}/pause`, '{"reason": 7}', 400],
    [`${pathOf('a.example')}/pause`, JSON.stringify({ reason: 'x'.repeat(501) }), 400],
    [`${pathOf('a.example')}/pause`, '{"raeson": "x"}', 400],
  ])('%s %s is answered with %s', async (path, body, status) => {
    await post(path).send(body).expect(status);
    expect(await stage.queue.readDestinations()).toEqual([]);
  });

  test('asked by a form of another page is refused', async () => {
    await supertest(stage.app)
      .post(`/api${pathOf('a.example')}/pause`)
      .type('form')
      .send('a=b')
      .expect(415);
  });
});

describe('cancelling what is parked', () => {
  test('one by its id leaves the others, and the accounts of the destination in order', async () => {
    const ids = await park(3, 'a.example');
    await park(1, 'b.example');
    await supertest(stage.app).delete(`/api/postbacks/${ids[1]}`).expect(200);
    expect(await stage.queue.books()).toMatchObject({ parked: 3, cancelled: 1 });
    expect(await stage.queue.parkedDestinations(9)).toMatchObject([{ count: 2 }, { count: 1 }]);
    await supertest(stage.app).delete(`/api/postbacks/${ids[1]}`).expect(409);
    const [letter] = await stage.letters([ids[1] as string]);
    expect(letter?.letter).toMatchObject({ reason: 'cancelled', data: '{"a":1,"big":12345678901234567890}' });
    for (const id of [ids[0], ids[2]]) await supertest(stage.app).delete(`/api/postbacks/${id}`).expect(200);
    expect(await stage.queue.parkedDestinations(9)).toMatchObject([{ destination: 'http://b.example:80' }]);
  });

  test('all of a destination takes what is parked for it with what waits, and nothing of others', async () => {
    await park(450, 'a.example');
    await park(2, 'b.example');
    await stage.accept(3, 'a.example');
    let cancelled = 0;
    for (let cursor: string | null | undefined; cursor !== null;) {
      const body = cursor === undefined ? {} : { cursor };
      const step = (
        await post(`${pathOf('a.example')}/cancel`)
          .send(body)
          .expect(200)
      ).body;
      cancelled += step.cancelled;
      cursor = step.next;
    }
    expect(cancelled).toBe(453);
    expect(await stage.queue.books()).toMatchObject({ parked: 2, waiting: 0, cancelled: 453 });
  });

  test('goes on from a cursor within what is parked', async () => {
    await park(5, 'a.example');
    const body = { cursor: 'parked_0-0' };
    expect(
      (
        await post(`${pathOf('a.example')}/cancel`)
          .send(body)
          .expect(200)
      ).body,
    ).toMatchObject({ cancelled: 5, next: null });
  });

  test('is given up when it was released meanwhile', async () => {
    const [id] = await park(1, 'a.example');
    const found = await stage.queue.findParked(id as string);
    await stage.queue.release('http://a.example:80', 1);
    const letter = {
      v: 1,
      ...stage.open(found?.entry as never),
      reason: 'cancelled' as const,
      detail: '',
      endpointJson: '{}',
    };
    const spot = {
      kind: 'parked' as const,
      destination: 'http://a.example:80',
      streamId: found?.entry.streamId as string,
    };
    expect(await stage.deps.waiting.cancel(spot, letter)).toBe(false);
    expect(await stage.queue.books()).toMatchObject({ waiting: 1, cancelled: 0 });
  });
});

describe('drain', () => {
  test('says how much is left, and ends with resume', async () => {
    await stage.accept(2);
    await park(3, 'a.example');
    expect((await get('/drain').expect(200)).body).toEqual({ draining: false, left: 5 });
    const { body } = await post('/drain').send({ reason: 'moving' }).expect(200);
    expect(body).toEqual({ draining: true, since: expect.any(String), by: 'operator', reason: 'moving', left: 5 });
    expect((await get('/pause').expect(200)).body).toEqual({ paused: false });
    await post('/resume').send('{}').expect(200);
    expect((await get('/drain').expect(200)).body).toMatchObject({ draining: false });
  });

  test('asked by a form of another page, or with a reason that is no text, is refused', async () => {
    await supertest(stage.app).post('/api/drain').type('form').send('a=b').expect(415);
    await post('/drain').send({ reason: 7 }).expect(400);
    expect(await stage.queue.readDrain()).toBeUndefined();
  });
});
