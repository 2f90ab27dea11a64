/**
 * The whole comparison: which loads on which systems, in which order. Systems alternate, so that a slow minute hits them all. What
 * fails is a line in the result, and the rest goes on.
 */
import { measureCeiling } from '@postback/loadtest/ceiling';
import { preciseNow } from '@postback/loadtest/preciseClock';
import type { Ceiling } from '@postback/loadtest/report/instrument';
import { CONNECTIONS, hold, saturate, type LoadFigures } from './measure.js';
import type { QueuePlan, SuitePlan } from './plans.js';
import { measureQueue, type QueueFigures } from './queued.js';
import { spreadOf } from './summary.js';
import type { Durability, System, SystemName } from './system.js';
import { withSystem } from './withSystem.js';

export interface Run {
  readonly system: SystemName;
  readonly durability: Durability;
  readonly repetition: number;
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
  /** What generator and sink do with nothing between; null when nothing was started. */
  readonly ceiling: Ceiling | null;
  readonly runs: readonly Run[];
  readonly queues: readonly QueueRun[];
  /** What went wrong, a line each: a postback lost, a system that did not start. */
  readonly failures: readonly string[];
}

export interface BenchDeps {
  /** The Node that all services run on. */
  readonly node: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
}

export async function runSuite(plan: SuitePlan, deps: BenchDeps): Promise<SuiteResult> {
  const runs: Run[] = [];
  const queues: QueueRun[] = [];
  const failures: string[] = [];
  let ceiling: Ceiling | null = null;
  const attempt = async (title: string, work: () => Promise<readonly string[]>) => {
    deps.say(title);
    const faults = await work().catch((error: unknown) => [(error as Error).message]);
    for (const fault of faults) deps.say(`  FAILED: ${fault}`);
    failures.push(...faults.map((fault) => `${title}: ${fault}`));
  };
  for (const turn of turns(plan)) {
    const { durability, name, repetition } = turn;
    await attempt(`${durability}, run ${repetition} of ${plan.repetitions}: ${name}`, () =>
      withSystem({ ...deps, name, durability }, async (system) => {
        ceiling ??= await measureCeiling({ sinkControlUrl: system.sinkUrl, connections: CONNECTIONS }, preciseNow);
        const found = await runLoads(system, { ...turn, ...plan }, deps.say);
        runs.push(...found);
        return found.flatMap(({ saturated, half }) => [...saturated.faults, ...half.faults]);
      }),
    );
  }
  const [durability = 'everysec'] = plan.durabilities;
  for (const queue of plan.queues) {
    for (const name of queue.systems) {
      await attempt(`${durability}: ${queue.count.toLocaleString('en-US')} waiting in ${name}`, () =>
        withSystem({ ...deps, name, durability, redisMaxMemory: ROOMY }, async (system) => {
          const run = { system: name, durability, ...(await measureRounds(system, queue)) };
          queues.push(run);
          deps.say(`  ${Math.round(run.drainPerSecond).toLocaleString('en-US')} drained/s`);
          return run.faults;
        }),
      );
    }
  }
  return { ceiling, runs, queues, failures };
}

/** A million jobs of the peer take a gigabyte. */
const ROOMY = '4gb';

interface Turn {
  readonly durability: Durability;
  readonly name: SystemName;
  /** From 1. */
  readonly repetition: number;
}

function turns({ durabilities, repetitions, systems }: SuitePlan): Turn[] {
  const numbers = Array.from({ length: repetitions }, (_, index) => index + 1);
  return durabilities.flatMap((durability) =>
    numbers.flatMap((repetition) => systems.map((name) => ({ durability, name, repetition }))),
  );
}

async function runLoads(system: System, plan: Turn & SuitePlan, say: (line: string) => void): Promise<Run[]> {
  const { durability, repetition, data, warmUpMs, loadMs } = plan;
  const runs: Run[] = [];
  for (const size of data) {
    await saturate(system, { data: size, durationMs: warmUpMs });
    const saturated = await saturate(system, { data: size, durationMs: loadMs });
    const half = await hold(system, { data: size, durationMs: loadMs, perSecond: saturated.postbacksPerSecond / 2 });
    const run = { system: system.name, durability, repetition, data: size, saturated, half };
    runs.push(run);
    say(describe(run));
  }
  return runs;
}

/** Warm, as a worker is after its first seconds: the drain of a short queue would measure the compiler otherwise. */
async function measureRounds(system: System, { count, rounds }: QueuePlan): Promise<QueueFigures> {
  await saturate(system, { data: 10, durationMs: WARM_UP_MS });
  const found: QueueFigures[] = [];
  for (let round = 0; round < rounds; round++) found.push(await measureQueue(system, count));
  const median = (of: (figures: QueueFigures) => number) => spreadOf(found.map(of)).median;
  return {
    count,
    queuedBytes: median(({ queuedBytes }) => queuedBytes),
    bytesIngestRedis: median(({ bytesIngestRedis }) => bytesIngestRedis),
    bytesRedisDelivery: median(({ bytesRedisDelivery }) => bytesRedisDelivery),
    fillPerSecond: median(({ fillPerSecond }) => fillPerSecond),
    drainPerSecond: median(({ drainPerSecond }) => drainPerSecond),
    workerRssMb: Math.max(...found.map(({ workerRssMb }) => workerRssMb)),
    lost: found.reduce((sum, { lost }) => sum + lost, 0),
    faults: found.flatMap(({ faults }) => faults),
  };
}

const WARM_UP_MS = 2_000;

function describe({ data, saturated, half }: Run): string {
  const { postbacksPerSecond, cpuUs } = saturated;
  const each = `${Math.round(postbacksPerSecond).toLocaleString('en-US')}/s, ${Math.round(cpuUs)} µs CPU each`;
  return `  ${data} per request: ${each}; at half of it p50 ${half.p50.toFixed(2)} ms, p99 ${half.p99.toFixed(1)} ms`;
}
