import type { KeptAttempt } from '@postback/core/queue/keptAttempt';
import { indexOf, packAttempt } from '@postback/core/queue/keptAttempt';
import supertest from 'supertest';
import { attemptOf, keepBlock } from '../keepAttempts.js';
import { useStage, type Stage } from '../stage.js';

let stage: Stage;

useStage((fresh) => void ({ stage } = fresh));

const get = (path: string) => supertest(stage.app).get(path);
const keep = (...all: KeptAttempt[]) => keepBlock(stage, all);

interface Page {
  readonly attempts: readonly { readonly postbackId: string }[];
  readonly next: string | null;
  readonly scanned: number;
}

/** All pages, and the largest number of attempts that one request looked at. */
async function listAll(query: string): Promise<{ ids: string[]; scanned: number; pages: number }> {
  const ids: string[] = [];
  let [scanned, pages] = [0, 0];
  for (let cursor: string | null = ''; cursor !== null; pages++) {
    const { body }: { body: Page } = await get(`/api/attempts?${query}${cursor ? `&cursor=${cursor}` : ''}`).expect(
      200,
    );
    ids.push(...body.attempts.map(({ postbackId }) => postbackId));
    scanned = Math.max(scanned, body.scanned);
    cursor = body.next;
  }
  return { ids, scanned, pages };
}

test('the newest come first, each once, whatever the page size and the kinds they are of', async () => {
  const expected: string[] = [];
  for (let block = 0; block < 30; block++) {
    const outcome = block % 3 === 0 ? 'delivered' : 'retry';
    const ids = Array.from({ length: 7 }, (_, row) => `0-${1000 + block}-${row}`);
    await keep(...ids.map((id) => attemptOf(id, { outcome })));
    expected.unshift(...ids.reverse());
  }
  for (const limit of [1, 3, 7, 50, 500]) {
    expect((await listAll(`limit=${limit}`)).ids).toEqual(expected);
  }
});

test('an attempt is shown with all that is known', async () => {
  const about = { error: 'reset', queueWaitMs: 3, dnsMs: 1, connectMs: 2, firstByteMs: 3, nextInMs: 5_000 };
  await keep(attemptOf('0-5-0', { ...about, reference: 'order 7', endedAt: 1_795_473_689_477, responseBody: 'no' }));
  const { body } = await get('/api/attempts').expect(200);
  expect(body).toEqual({
    attempts: [
      {
        postbackId: '0-5-0',
        reference: 'order 7',
        endedAt: '2026-11-23T22:41:29.477Z',
        attempt: 1,
        maxAttempts: 3,
        outcome: 'retry',
        code: 503,
        error: 'reset',
        destination: 'http://partner.example:80',
        method: 'GET',
        url: 'http://partner.example/p?a=1',
        queueWaitMs: 3,
        dnsMs: 1,
        connectMs: 2,
        firstByteMs: 3,
        responseTimeMs: 1.5,
        nextAttemptAt: '2026-11-23T22:41:34.477Z',
        responseBody: 'no',
      },
    ],
    next: null,
    scanned: 1,
    oldest: { failed: expect.any(String) as string, delivered: null },
  });
});

test('filters have to fit all', async () => {
  await keep(
    attemptOf('0-5-0', { code: 503 }),
    attemptOf('0-5-1', { code: 'timeout', destination: 'https://other.example:443' }),
  );
  await keep(attemptOf('0-5-2', { outcome: 'dead', code: 404, reference: 'order 7' }));
  await keep(attemptOf('0-5-3', { outcome: 'delivered', code: 200, reference: 'order 7' }));
  const ids = async (query: string) => (await listAll(query)).ids;
  expect(await ids('outcome=delivered')).toEqual(['0-5-3']);
  expect(await ids('outcome=failed')).toEqual(['0-5-2', '0-5-1', '0-5-0']);
  expect(await ids('outcome=dead')).toEqual(['0-5-2']);
  expect(await ids('code=5xx')).toEqual(['0-5-0']);
  expect(await ids('code=timeout')).toEqual(['0-5-1']);
  expect(await ids('destination=https://OTHER.example/')).toEqual(['0-5-1']);
  expect(await ids('destination=http://partner.example&code=404')).toEqual(['0-5-2']);
  expect(await ids('reference=order%207')).toEqual(['0-5-3', '0-5-2']);
  expect(await ids('id=0-5-1')).toEqual(['0-5-1']);
  expect(await ids('id=0-5-9')).toEqual([]);
});

test('one request looks at 5,000 attempts at most and says where it stopped; the index finds the rare one at once', async () => {
  const blocks = Array.from({ length: 120 }, (_, block) =>
    Array.from({ length: 100 }, (_, row) => attemptOf(`0-${1_000 + block}-${row}`)),
  );
  await keep(attemptOf('0-1-0', { code: 404, reference: 'rare' }));
  for (const block of blocks) await keep(...block);
  const byCode = await listAll('code=404');
  expect(byCode).toEqual({ ids: ['0-1-0'], scanned: 5_000, pages: 3 });
  expect(await listAll('reference=rare')).toEqual({ ids: ['0-1-0'], scanned: 1, pages: 1 });
}, 60_000);

test.each([
  ['outcome=No', '/outcome'],
  ['code=99', '/code'],
  ['id=5', '/id'],
  ['destination=here', '/destination'],
  ['cursor=abc', '/cursor'],
  ['limit=501', '/limit'],
  ['refrence=a', '/refrence'],
])('%s is refused with its place', async (query, pointer) => {
  const { body } = await get(`/api/attempts?${query}`).expect(400);
  expect(body.errors).toEqual([expect.objectContaining({ pointer })]);
});

test('it is answered how far back the kept ones reach, of each kind', async () => {
  expect((await get('/api/attempts').expect(200)).body).toMatchObject({ oldest: { failed: null, delivered: null } });
  const before = await stage.queue.time();
  await keep(attemptOf('0-5-0', { outcome: 'delivered' }));
  await keep(attemptOf('0-5-1', { outcome: 'delivered' }));
  const { body } = (await get('/api/attempts?outcome=failed').expect(200)) as {
    body: { oldest: { delivered: string } };
  };
  expect(Date.parse(body.oldest.delivered)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(body.oldest.delivered)).toBeLessThan(await stage.queue.time());
});

test('with 100,000 attempts kept a page of them, and one in them all, is found within a second', async () => {
  const limits = { count: { failed: 1e6, delivered: 1e6 }, bytes: 1e9, maxAgeMs: 3_600_000 };
  for (let call = 0; call < 50; call++) {
    const blocks = Array.from({ length: 20 }, (_, block) => {
      const ids = Array.from({ length: 100 }, (_unused, row) => `0-${call + 1}-${block * 100 + row}`);
      const all = ids.map((id) => attemptOf(id, { outcome: block % 2 ? 'delivered' : 'retry' }));
      const kind = block % 2 ? ('delivered' as const) : ('failed' as const);
      return { kind, count: 100, index: `${all.map(indexOf).join('')},`, rows: all.map(packAttempt).join('\n') };
    });
    await stage.deps.attempts.keep(blocks, limits);
  }
  const queries = ['', 'outcome=failed&limit=100', 'destination=http://partner.example', 'code=404', 'id=0-1-7'];
  for (const query of queries) {
    const tookMs: number[] = [];
    for (let round = 0; round < 3; round++) {
      const startedAt = performance.now();
      await get(`/api/attempts?${query}`).expect(200);
      tookMs.push(performance.now() - startedAt);
    }
    expect(Math.min(...tookMs)).toBeLessThan(1_000);
  }
}, 60_000);
