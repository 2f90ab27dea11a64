/** Everything at once: clients, workers, operators and the trimmer; the books are read all the while. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@postback/core/clock';
import { silentLogger } from '@postback/core/logger';
import { DEAD_REASONS } from '@postback/core/queue/deadLetter';
import { imbalance } from '@postback/core/queue/scripts/books';
import type { RawEntry } from '@postback/core/queue/scripts/read';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { CANCEL_START, cancelDestination } from '../src/dead/cancelDestination.js';
import { cancelPostback } from '../src/dead/cancelPostback.js';
import { purge } from '../src/dead/purge.js';
import { createRedriveJob } from '../src/dead/redriveJob.js';
import { runRound } from '../src/dead/redriver.js';
import { trimOnce } from '../src/dead/trimmer.js';
import { setStage } from './stage.js';

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

test('the books balance at every moment, and nothing is in two places at the end', async () => {
  const stage = await setStage(await server.connect());
  const { queue, deps, keys } = stage;
  const until = performance.now() + 2_500;
  const repeat = async (work: (round: number) => Promise<unknown>) => {
    for (let round = 0; performance.now() < until; round++) await work(round);
  };
  const worker = (stream: string, connection: Awaited<ReturnType<TestRedis['connect']>>) =>
    repeat(async (round) => {
      const where = { stream, consumer: 'w', count: 20, blockMs: 1 };
      for (const [n, entry] of (await queue.readNew(connection, where)).entries()) await end(entry, round + n);
    });
  const end = async (entry: RawEntry, n: number) => {
    const postback = stage.open(entry);
    if (n % 3 === 0) return stage.bury([entry]);
    const held = { ...entry, consumer: 'w' };
    if (n % 3 === 1) return queue.delay(held, { postback: { ...postback, attemptsMade: 1 }, delayMs: n % 2 ? 0 : 9e6 });
    return queue.settle(entry.stream, new Map([[postback.endpointHash, [entry.streamId]]]));
  };
  let reads = 0;
  await Promise.all([
    repeat(async (round) => {
      const ids = await stage.accept(10, `host${round % 3}.example`);
      await cancelPostback(ids[round % 10] as string, deps);
    }),
    worker(keys.stream, await server.connect()),
    worker(keys.retries, await server.connect()),
    repeat(() => queue.promote(20)),
    repeat(() => cancelDestination('http://host1.example:80', CANCEL_START, deps)),
    repeat(async () => {
      await createRedriveJob({ filter: { host: 'host2.example' }, replacement: {}, perSecond: 1_000 }, deps);
      await runRound({ ...deps, logger: silentLogger, clock: systemClock });
    }),
    repeat(() => purge(deps.dead, { host: 'host0.example', reason: 'cancelled' }, undefined)),
    repeat(() =>
      trimOnce({ ...deps, limits: { maxAgeMs: 1e9, maxCount: 50 }, archive: undefined, logger: silentLogger }),
    ),
    repeat(async () => {
      expect(imbalance(await queue.books())).toBe(0);
      reads++;
    }),
  ]);
  expect(reads).toBeGreaterThan(10);
  const books = await queue.books();
  expect(imbalance(books)).toBe(0);
  for (const [place, count] of Object.entries(books)) expect([place, count >= 0]).toEqual([place, true]);
  for (const moved of ['delivered', 'delayed', 'purged', 'trimmed', 'dead'] as const) {
    expect([moved, books[moved] > 0]).toEqual([moved, true]);
  }
}, 30_000);

test('every reason is explained in docs/dead-letters.md', () => {
  const page = readFileSync(join(__dirname, '../../docs/dead-letters.md'), 'utf8');
  const explained = [...page.matchAll(/^\| `([a-z-]+)`/gm)].map(([, reason]) => reason);
  expect(explained.sort()).toEqual([...DEAD_REASONS].sort());
});
