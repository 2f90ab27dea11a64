import type { Attempts } from '@postback/core/queue/attempts';
import type { KeptAttempt } from '@postback/core/queue/keptAttempt';
import type { AttemptBlock, AttemptLimits } from '@postback/core/queue/scripts/keepAttempts';
import type { Fields } from '@postback/core/logger';
import { silentLogger } from '@postback/core/logger';
import { createAttemptKeeper } from '../src/attemptKeeper.js';
import { withinMemory } from '../src/attemptRoom.js';

const LIMITS: AttemptLimits = { count: { failed: 10, delivered: 10 }, bytes: 1e6, maxAgeMs: 1_000 };
const attempt = (outcome: string, more: Partial<KeptAttempt> = {}): KeptAttempt => ({
  id: '0-5-0',
  endedAt: 5,
  attempt: 1,
  maxAttempts: 3,
  outcome,
  code: 200,
  destination: 'http://p.example:80',
  method: 'GET',
  url: 'http://p.example/',
  totalMs: 1,
  ...more,
});

function stage(keep: Attempts['keep'], limits = LIMITS) {
  const sent: AttemptBlock[] = [];
  const lines: (Fields & { event: string })[] = [];
  let now = 0;
  const note = (event: string, fields: Fields = {}) => void lines.push({ event, ...fields });
  const keeper = createAttemptKeeper({
    attempts: {
      keep: (blocks, within) => {
        sent.push(...blocks);
        return keep(blocks, within);
      },
    },
    limits: () => limits,
    logger: { ...silentLogger, info: note, warn: note },
    clock: { monotonic: () => now },
    gatherMs: 60_000,
  });
  return { keeper, sent, lines, at: (ms: number) => void (now = ms) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const works = () => Promise.resolve();

test('gathers the two kinds apart, in blocks of a hundred, and leaves out what is not wanted', () => {
  const { keeper, sent } = stage(works);
  for (let n = 0; n < 250; n++) keeper.keep(attempt('retry'));
  keeper.keep(attempt('delivered'));
  expect(sent).toEqual([]);
  keeper.flush();
  expect(sent.map(({ kind, count }) => [kind, count])).toEqual([
    ['failed', 100],
    ['failed', 100],
    ['failed', 50],
    ['delivered', 1],
  ]);
  const none = stage(works, { ...LIMITS, count: { failed: 10, delivered: 0 } });
  none.keeper.keep(attempt('delivered'));
  none.keeper.flush();
  expect(none.sent).toEqual([]);
});

test('large answers make smaller blocks', () => {
  const { keeper, sent } = stage(works);
  for (let n = 0; n < 40; n++) keeper.keep(attempt('retry', { responseBody: 'x'.repeat(2_048) }));
  keeper.flush();
  expect(sent.map(({ count }) => count)).toEqual([31, 9]);
});

test('what Redis refuses is dropped and counted, said when it begins and when it is over', async () => {
  let isFull = true;
  const { keeper, lines, at } = stage(() => (isFull ? Promise.reject(new Error('OOM command not allowed')) : works()));
  const one = async () => {
    keeper.keep(attempt('retry'));
    keeper.flush();
    await settled();
  };
  await one();
  await one();
  isFull = false;
  await one(); // it may be full again the next moment
  expect(lines.map(({ event }) => event)).toEqual(['attempts.dropping']);
  at(6_000);
  await one();
  expect(lines[1]).toEqual({ event: 'attempts.kept_again', dropped: 2 });
  expect(keeper.dropped()).toBe(2);
});

test('a Redis that does not answer is not sent more than it can be remembered for', async () => {
  let answer: () => void = () => undefined;
  const { keeper, sent } = stage(() => new Promise((resolve) => (answer = resolve)));
  for (let n = 0; n < 5_010; n++) keeper.keep(attempt('retry'));
  keeper.flush();
  expect(sent.reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
  expect(keeper.dropped()).toBe(10);
  answer();
  await settled();
  keeper.keep(attempt('retry'));
  keeper.flush();
  expect(sent.at(-1)?.count).toBe(1);
});

test('attempts take an eighth of the memory of Redis at most', () => {
  const mib = 1024 * 1024;
  const limits = { ...LIMITS, bytes: 32 * mib };
  expect(withinMemory(limits, 0)).toEqual(limits);
  expect(withinMemory(limits, 512 * mib)).toEqual(limits);
  expect(withinMemory(limits, 16 * mib)).toEqual({ ...limits, bytes: mib });
});
