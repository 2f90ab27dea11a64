import { measureGrowth } from '../../src/bench/growth.js';
import { renderGrowth } from '../../src/bench/growthPage.js';
import { layoutOf, repositoryRoot } from '../../src/local/layout.js';
import { ensureNode24 } from '../../src/local/node24.js';
import { searchPath } from '../../src/local/systemPackages.js';

jest.setTimeout(120_000);

test('endpoints, hosts, processes and long objects are measured, and everything arrives', async () => {
  const sizes = { endpoints: [3], hosts: [4], workers: [2], bytes: [20_000] };
  const deps = {
    node: ensureNode24(layoutOf(repositoryRoot), () => undefined),
    env: { PATH: searchPath(process.env['PATH']) },
    say: () => undefined,
  };
  const result = await measureGrowth({ rounds: 1, warmUpMs: 100, loadMs: 200, sizes }, deps);
  expect(result.failures).toEqual([]);
  expect(result.rows.map(({ dimension, size }) => [dimension, size])).toEqual([
    ['endpoints', 3],
    ['hosts', 4],
    ['workers', 2],
    ['bytes', 20_000],
  ]);
  for (const { postbacksPerSecond, cpuUs, workerRssMb } of result.rows) {
    expect(postbacksPerSecond.median).toBeGreaterThan(0);
    expect(cpuUs.median).toBeGreaterThan(5);
    expect(workerRssMb).toBeGreaterThan(30);
  }
  const page = renderGrowth(result, 'About.');
  expect(page).toMatch(/distinct hosts \| postbacks\/s .*\n.*\n\| 4 \|/);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});
