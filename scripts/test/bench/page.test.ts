import { measure, type LoadFigures } from '../../src/bench/measure.js';
import { parseBenchOptions } from '../../src/bench/options.js';
import { renderPage } from '../../src/bench/page.js';
import { planOf } from '../../src/bench/plans.js';
import type { Run } from '../../src/bench/suite.js';
import type { System, SystemName } from '../../src/bench/system.js';
import { expectNoOpenSockets, startFakeStack } from '../../../loadtest/test/fakeStack.js';

const FIGURES: LoadFigures = {
  postbacksPerSecond: 1_000,
  cpuUs: 100,
  p50: 1,
  p99: 2,
  ingestP99: 1.5,
  delivered: 4_000,
  refused: 0,
  lost: 0,
  workerRssMb: 100,
  generatorBusy: 0.25,
  sinkBusy: 0.5,
  faults: [],
};

function run(system: SystemName, repetition: number, cpuUs: number): Run {
  const saturated = { ...FIGURES, cpuUs };
  return { system, durability: 'everysec', repetition, data: 10, saturated, half: FIGURES };
}

test('a run whose partner failed is shown, counts in no ratio, and the failure stands first', () => {
  const runs = [run('postback', 1, 100), run('postback', 2, 900), run('bullmq', 1, 400)];
  const effort = { busyShare: 0.5, ceilingPerSecond: 20_000 };
  const ceiling = { perSecond: 9_000, generator: effort, sink: effort };
  const page = renderPage(
    { ceiling, runs, queues: [], failures: ['everysec, run 2 of 2: bullmq: it fell over'] },
    'About.',
  );
  expect(page).toMatch(
    /^About\.\n\nThe instrument .*: 9,000 requests.* generator 25 %, sink 50 %.*\n\n\*\*Failed\*\*: everysec, run 2 of 2: bullmq: it fell over/,
  );
  expect(page).toMatch(/Postback Delivery \| 1,000 \| 500 \(100–900\)/);
  expect(page).toMatch(/ours ÷ BullMQ \| 1\.00 \| 0\.25 \|/);
});

test('says how a long queue drains against a short one', () => {
  const queue = { queuedBytes: 160, bytesIngestRedis: 130, bytesRedisDelivery: 570, fillPerSecond: 9, workerRssMb: 90 };
  const run = (count: number, drainPerSecond: number) =>
    ({ ...queue, system: 'postback', durability: 'everysec', count, drainPerSecond, lost: 0, faults: [] }) as const;
  const queues = [run(1_000_000, 9_000), run(10_000, 10_000)];
  const page = renderPage({ ceiling: null, runs: [], queues, failures: [] }, 'About.');
  expect(page).toContain('Postback Delivery: 1,000,000 waiting drain at 0.90 × the rate of 10,000.');
});

test('without a partner there is no ratio', () => {
  expect(
    renderPage({ ceiling: null, runs: [run('postback', 1, 100)], queues: [], failures: [] }, 'About.'),
  ).not.toContain('÷');
});

test('a system that loses a postback is found out', async () => {
  const stack = await startFakeStack({ deliverAs: (seq) => (seq === 7 ? [] : [seq]) });
  const system = { ...stack, pids: () => [process.pid], workers: [] } as unknown as System;
  const figures = await measure(system, ['--requests', '10', '--data', '2', '--drain-timeout', '1s']);
  await stack.stop();
  expect(figures).toMatchObject({ delivered: 19, lost: 1, faults: ['lost 1 of 20'] });
  await expectNoOpenSockets();
});

describe('options', () => {
  it('choose how much is measured, and of whom', () => {
    expect(parseBenchOptions([])).toEqual({ size: 'full', growth: false, write: false, only: null });
    const { size, only } = parseBenchOptions(['--quick', '--only', 'postback']);
    const plan = planOf(size, only);
    expect([plan.systems, plan.repetitions]).toEqual([['postback'], 1]);
    expect(plan.queues.map(({ systems }) => systems)).toEqual([['postback']]);
    expect(planOf('medium', null).queues.map(({ count, systems }) => [count, ...systems])).toContainEqual([
      1_000_000,
      'postback',
    ]);
  });

  it.each([
    [['--quik'], '--quik'],
    [['--quick', '--medium'], 'exclude'],
    [['--only', 'sidekiq'], 'expected one of postback, bullmq, floor'],
    [['--write', '--only', 'floor'], 'exclude'],
    [['--growth', '--only', 'floor'], 'exclude'],
  ])('%j is refused', (args, reason) => {
    expect(() => parseBenchOptions(args)).toThrow(reason);
  });
});
