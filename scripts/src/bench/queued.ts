/**
 * What a queue holds and how fast it empties: the workers stand still while postbacks are accepted, then go on. Says what one costs in
 * Redis's memory, what travels on either side of Redis, and the rate of draining.
 */
import { peakRssOf } from './cpuTime.js';
import { load } from './measure.js';
import type { System } from './system.js';

export interface QueueFigures {
  readonly count: number;
  /** Of Redis's memory, per postback. */
  readonly queuedBytes: number;
  /** Both directions, per postback. */
  readonly bytesIngestRedis: number;
  readonly bytesRedisDelivery: number;
  /** Accepted per second while nobody sends. */
  readonly fillPerSecond: number;
  readonly drainPerSecond: number;
  /** Of all workers together, the highest since they started. */
  readonly workerRssMb: number;
  readonly lost: number;
  readonly faults: readonly string[];
}

const DATA = 100;

export async function measureQueue(system: System, count: number): Promise<QueueFigures> {
  const before = await redisFigures(system);
  for (const worker of system.workers) worker.signal('SIGSTOP');
  let full = before;
  let drainingSince = 0;
  let reading: Promise<void> = Promise.resolve();
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
  const { accounting, throughput, verdict, ...report } = await load(
    system,
    ['--requests', String(count / DATA), '--data', String(DATA), '--drain-timeout', '120s'],
    progress,
  );
  await reading;
  const empty = await redisFigures(system);
  const lastDeliveryAt = Date.parse(report.startedAt) + (report.firstRequestToLastDeliveryMs ?? 0);
  const isShort = accounting.accepted < count;
  return {
    count,
    queuedBytes: (full.memory - before.memory) / count,
    bytesIngestRedis: (full.traffic - before.traffic) / count,
    bytesRedisDelivery: (empty.traffic - full.traffic) / count,
    fillPerSecond: throughput.acceptedPerSecond,
    drainPerSecond: (count * 1_000) / (lastDeliveryAt - drainingSince),
    workerRssMb: peakRssOf(system.workers.map(({ pid }) => pid)) / 2 ** 20,
    lost: accounting.lost,
    faults: [...verdict.faults, ...(isShort ? [`only ${accounting.accepted} of ${count} were accepted`] : [])],
  };
}

async function redisFigures({ redis }: System): Promise<{ memory: number; traffic: number }> {
  if (!redis) throw new Error('this system has no Redis');
  const text = String(await redis.send('', ['INFO', 'everything']));
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1]);
  return { memory: field('used_memory'), traffic: field('total_net_input_bytes') + field('total_net_output_bytes') };
}
