/** The whole comparison: which loads on which systems, in which order. Systems alternate, so that a slow minute hits them all. */
import { hold, saturate, type LoadFigures } from './measure.js';
import { measureQueue, type QueueFigures } from './queued.js';
import { startSystem, SYSTEM_NAMES, type Durability, type System, type SystemName } from './system.js';

export interface Run {
  readonly system: SystemName;
  readonly durability: Durability;
  /** Postbacks per request. */
  readonly data: number;
  readonly saturated: LoadFigures;
  /** At half of the postbacks per second that this run reached. */
  readonly half: LoadFigures;
}

export interface QueueRun extends QueueFigures {
  readonly system: SystemName;
  readonly durability: Durability;
}

export interface SuiteResult {
  readonly runs: readonly Run[];
  readonly queues: readonly QueueRun[];
}

export interface SuitePlan {
  readonly repetitions: number;
  readonly durabilities: readonly Durability[];
  readonly data: readonly number[];
  readonly warmUpMs: number;
  readonly loadMs: number;
  readonly queueCounts: readonly number[];
}

export const FULL: SuitePlan = {
  repetitions: 3,
  durabilities: ['everysec', 'always'],
  data: [1, 10],
  warmUpMs: 1_500,
  loadMs: 4_000,
  queueCounts: [10_000, 1_000_000],
};

export const QUICK: SuitePlan = {
  repetitions: 1,
  durabilities: ['everysec'],
  data: [1, 10],
  warmUpMs: 1_500,
  loadMs: 3_000,
  queueCounts: [10_000],
};

interface SuiteDeps {
  readonly node: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
}

export async function runSuite(plan: SuitePlan, deps: SuiteDeps): Promise<SuiteResult> {
  const runs: Run[] = [];
  const queues: QueueRun[] = [];
  const within = async <T>(name: SystemName, durability: Durability, work: (system: System) => Promise<T>) => {
    const system = await startSystem({ name, durability, node: deps.node, env: deps.env });
    try {
      return await work(system);
    } finally {
      await system.stop();
    }
  };
  for (const { durability, name, repetition } of order(plan)) {
    deps.say(`${durability}, run ${repetition} of ${plan.repetitions}: ${name}`);
    const found = await within(name, durability, (system) => runLoads(system, durability, plan));
    runs.push(...found);
    for (const run of found) deps.say(describe(run));
  }
  const [durability = 'everysec'] = plan.durabilities;
  for (const count of plan.queueCounts) {
    for (const name of SYSTEM_NAMES.filter((candidate) => candidate !== 'floor')) {
      deps.say(`${durability}: ${count.toLocaleString('en-US')} waiting in ${name}`);
      queues.push(
        await within(name, durability, async (system) => ({
          system: name,
          durability,
          ...(await measureQueue(system, count)),
        })),
      );
    }
  }
  return { runs, queues };
}

function order({ durabilities, repetitions }: SuitePlan) {
  const numbers = Array.from({ length: repetitions }, (_, index) => index + 1);
  return durabilities.flatMap((durability) =>
    numbers.flatMap((repetition) => SYSTEM_NAMES.map((name) => ({ durability, name, repetition }))),
  );
}

async function runLoads(system: System, durability: Durability, { data, warmUpMs, loadMs }: SuitePlan): Promise<Run[]> {
  const runs: Run[] = [];
  for (const size of data) {
    await saturate(system, { data: size, durationMs: warmUpMs });
    const saturated = await saturate(system, { data: size, durationMs: loadMs });
    const half = await hold(system, { data: size, durationMs: loadMs, perSecond: saturated.postbacksPerSecond / 2 });
    runs.push({ system: system.name, durability, data: size, saturated, half });
  }
  return runs;
}

function describe({ data, saturated, half }: Run): string {
  const { postbacksPerSecond, cpuUs } = saturated;
  const each = `${Math.round(postbacksPerSecond).toLocaleString('en-US')}/s, ${Math.round(cpuUs)} µs CPU each`;
  return `  ${data} per request: ${each}; at half of it p50 ${half.p50.toFixed(2)} ms, p99 ${half.p99.toFixed(1)} ms`;
}
