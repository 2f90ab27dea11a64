/**
 * How throughput and cost change as an installation grows: with distinct endpoints, distinct hosts, delivery processes and the length of
 * the data objects. Our own stack alone, `everysec`, ten objects per request; sizes alternate, so that a slow minute hits them all.
 */
import { measure, type LoadFigures } from './measure.js';
import { spreadOf, type Spread } from './summary.js';
import type { BenchDeps } from './suite.js';
import type { System, SystemOptions } from './system.js';
import { withSystem } from './withSystem.js';

export const DIMENSIONS = ['endpoints', 'hosts', 'workers', 'bytes'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface GrowthPlan {
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly loadMs: number;
  readonly sizes: Readonly<Record<Dimension, readonly number[]>>;
}

export interface GrowthRow {
  readonly dimension: Dimension;
  readonly size: number;
  readonly postbacksPerSecond: Spread;
  readonly cpuUs: Spread;
  /** Of all workers together, the highest so far: sizes that came before count too. */
  readonly workerRssMb: number;
}

export interface GrowthResult {
  readonly rows: readonly GrowthRow[];
  readonly failures: readonly string[];
}

export const GROWTH: GrowthPlan = {
  rounds: 3,
  warmUpMs: 1_500,
  loadMs: 2_500,
  sizes: {
    endpoints: [1, 10, 100, 1_000],
    hosts: [1, 10, 100, 1_000],
    workers: [1, 2, 3, 4],
    bytes: [100, 1_000, 10_000, 100_000],
  },
};

export const QUICK_GROWTH: GrowthPlan = { ...GROWTH, rounds: 1, loadMs: 2_000 };

/** A queue of large objects is as long as it is in bytes. */
const ROOMY = '2gb';

interface Found {
  readonly dimension: Dimension;
  readonly size: number;
  readonly figures: LoadFigures;
}

export async function measureGrowth(plan: GrowthPlan, deps: BenchDeps): Promise<GrowthResult> {
  const found: Found[] = [];
  const failures: string[] = [];
  const systemOf = (more: Partial<SystemOptions>): SystemOptions => ({
    node: deps.node,
    env: deps.env,
    name: 'postback',
    durability: 'everysec',
    redisMaxMemory: ROOMY,
    ...more,
  });
  for (const { dimension, sizes, options } of housings(plan)) {
    deps.say(`${dimension}: ${sizes.join(', ')}`);
    const rounds = (system: System) => measureRounds(system, { dimension, sizes, plan, onFound: keep });
    await withSystem(systemOf(options), rounds).catch((error: unknown) =>
      fail(`${dimension} ${sizes.join(', ')}: ${(error as Error).message}`),
    );
  }
  return { rows: rowsOf(found), failures };

  function keep(one: Found): void {
    const { dimension, size, figures } = one;
    found.push(one);
    deps.say(`  ${size}: ${Math.round(figures.postbacksPerSecond)}/s, ${Math.round(figures.cpuUs)} µs CPU each`);
    for (const fault of figures.faults) fail(`${dimension} ${size}: ${fault}`);
  }

  function fail(failure: string): void {
    deps.say(`  FAILED: ${failure}`);
    failures.push(failure);
  }
}

interface Housing {
  readonly dimension: Dimension;
  readonly sizes: readonly number[];
  readonly options: Partial<SystemOptions>;
}

/** One system measures all sizes, but for the number of its own processes. */
function housings({ sizes }: GrowthPlan): Housing[] {
  const optionsOf = (dimension: Dimension, size: number): Partial<SystemOptions> => {
    if (dimension === 'workers') return { workers: size };
    return dimension === 'hosts' ? { resolver: 'sink' } : {};
  };
  return DIMENSIONS.flatMap((dimension) => {
    const groups = dimension === 'workers' ? sizes.workers.map((size) => [size]) : [sizes[dimension]];
    return groups.map((group) => ({ dimension, sizes: group, options: optionsOf(dimension, group[0] ?? 1) }));
  });
}

interface Rounds {
  readonly dimension: Dimension;
  readonly sizes: readonly number[];
  readonly plan: GrowthPlan;
  readonly onFound: (found: Found) => void;
}

async function measureRounds(system: System, { dimension, sizes, plan, onFound }: Rounds): Promise<void> {
  await measure(system, ['--duration', `${plan.warmUpMs}ms`]);
  for (let round = 0; round < plan.rounds; round++) {
    for (const size of sizes)
      onFound({ dimension, size, figures: await measure(system, loadOf(dimension, size, plan)) });
  }
}

/** No more than the queue has room for, should nothing of it be delivered meanwhile. */
const MOST_BYTES = 300_000_000;
const DATA = 10;

function loadOf(dimension: Dimension, size: number, { loadMs }: GrowthPlan): string[] {
  const lasting = ['--duration', `${loadMs}ms`];
  switch (dimension) {
    case 'endpoints':
      return [...lasting, '--endpoints', String(size)];
    case 'hosts':
      return [...lasting, '--hosts', String(size)];
    case 'workers':
      return lasting;
    case 'bytes': {
      const requests = Math.min(Math.round(loadMs), Math.floor(MOST_BYTES / (size * DATA)));
      return ['--method', 'POST', '--object-bytes', String(size), '--requests', String(requests)];
    }
  }
}

function rowsOf(found: readonly Found[]): GrowthRow[] {
  const cases = [...new Map(found.map((one) => [`${one.dimension} ${one.size}`, one])).values()];
  return cases.map(({ dimension, size }) => {
    const own = found.filter((one) => one.dimension === dimension && one.size === size).map(({ figures }) => figures);
    return {
      dimension,
      size,
      postbacksPerSecond: spreadOf(own.map(({ postbacksPerSecond }) => postbacksPerSecond)),
      cpuUs: spreadOf(own.map(({ cpuUs }) => cpuUs)),
      workerRssMb: Math.max(...own.map(({ workerRssMb }) => workerRssMb)),
    };
  });
}
