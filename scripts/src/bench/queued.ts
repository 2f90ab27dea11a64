/**
 * What a queue holds and how fast it empties: the workers stand still while postbacks are accepted, then go on. Says what one costs in
 * Redis's memory, what travels on either side of Redis, and the rate of draining.
 */
import { usageOf } from './cpuTime.js';
import { load } from './measure.js';
import type { System } from './system.js';

export interface QueueFigures {
  readonly count: number;
  /** Of Redis's memory, per postback. */
  readonly queuedBytes: number;
  /** Both directions, per postback. */
  readonly bytesIngestRedis: number;
  readonly bytesRedisDelivery: number;
  readonly drainPerSecond: number;
  /** Of all workers, the highest that was seen while draining. */
  readonly workerRssMb: number;
  readonly lost: number;
}

const DATA = 100;
const SAMPLE_MS = 250;

export async function measureQueue(system: System, count: number): Promise<QueueFigures> {
  const before = await redisFigures(system);
  for (const worker of system.workers) worker.signal('SIGSTOP');
  let full = before;
  let drainingSince = 0;
  let reading: Promise<void> = Promise.resolve();
  const rss = watchRss(system);
  const progress = {
    phase: (name: string) => {
      if (name === 'draining') reading = startDraining();
    },
    update: () => undefined,
    stop: () => undefined,
  };
  async function startDraining(): Promise<void> {
    full = await redisFigures(system);
    drainingSince = Date.now();
    for (const worker of system.workers) worker.signal('SIGCONT');
  }
  const report = await load(
    system,
    ['--requests', String(count / DATA), '--data', String(DATA), '--drain-timeout', '120s'],
    progress,
  );
  await reading;
  const workerRssMb = rss.stop();
  const empty = await redisFigures(system);
  const lastDeliveryAt = Date.parse(report.startedAt) + (report.firstRequestToLastDeliveryMs ?? 0);
  return {
    count,
    queuedBytes: (full.memory - before.memory) / count,
    bytesIngestRedis: (full.traffic - before.traffic) / count,
    bytesRedisDelivery: (empty.traffic - full.traffic) / count,
    drainPerSecond: (count * 1_000) / (lastDeliveryAt - drainingSince),
    workerRssMb,
    lost: report.accounting.lost,
  };
}

async function redisFigures({ redis }: System): Promise<{ memory: number; traffic: number }> {
  if (!redis) throw new Error('this system has no Redis');
  const text = String(await redis.send('', ['INFO', 'everything']));
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1]);
  return { memory: field('used_memory'), traffic: field('total_net_input_bytes') + field('total_net_output_bytes') };
}

function watchRss(system: System): { stop(): number } {
  const pids = system.workers.map(({ pid }) => pid);
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, usageOf(pids).rssBytes)), SAMPLE_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return most / 2 ** 20;
    },
  };
}
