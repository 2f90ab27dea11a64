import { renderPage } from '../../src/bench/page.js';
import { runSuite } from '../../src/bench/suite.js';
import { SYSTEM_NAMES } from '../../src/bench/system.js';
import { layoutOf, repositoryRoot } from '../../src/local/layout.js';
import { ensureNode24 } from '../../src/local/node24.js';
import { searchPath } from '../../src/local/systemPackages.js';

jest.setTimeout(300_000);

test('every system does the whole job: all that it accepts arrives, and it is measured', async () => {
  const plan = {
    systems: SYSTEM_NAMES,
    repetitions: 1,
    durabilities: ['everysec'] as const,
    data: [5],
    warmUpMs: 100,
    loadMs: 300,
    queues: [{ count: 2_000, rounds: 2, systems: ['postback', 'bullmq'] as const }],
  };
  const deps = {
    node: ensureNode24(layoutOf(repositoryRoot), () => undefined),
    env: { PATH: searchPath(process.env['PATH']) },
    say: () => undefined,
  };
  const result = await runSuite(plan, deps);
  expect(result.failures).toEqual([]);
  expect(result.ceiling?.perSecond).toBeGreaterThan(1);
  expect(result.runs.map(({ system }) => system)).toEqual([...SYSTEM_NAMES]);
  for (const { saturated, half } of result.runs) {
    expect([saturated.lost, half.lost]).toEqual([0, 0]);
    expect(saturated.delivered).toBeGreaterThan(20);
    expect(saturated.cpuUs).toBeGreaterThan(5);
    expect(half.p99).toBeGreaterThan(0);
  }
  expect(result.queues.map(({ system, count, lost }) => [system, count, lost])).toEqual([
    ['postback', 2_000, 0],
    ['bullmq', 2_000, 0],
  ]);
  for (const { queuedBytes, drainPerSecond, workerRssMb } of result.queues) {
    expect(workerRssMb).toBeGreaterThan(30);
    expect(queuedBytes).toBeGreaterThan(50);
    expect(drainPerSecond).toBeGreaterThan(0);
  }
  const page = renderPage(result, 'About.');
  expect(page).toContain('ours ÷ BullMQ');
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});
