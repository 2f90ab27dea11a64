/** One load on one system, and what it cost: the ledger's report together with the CPU time of all the system's processes. */
import { parseLoadtestConfig } from '@postback/loadtest/config';
import { parseOptions, type LoadOptions } from '@postback/loadtest/generator/options';
import { runLoadtest } from '@postback/loadtest/loadtest';
import { preciseNow } from '@postback/loadtest/preciseClock';
import { noProgress, type Progress } from '@postback/loadtest/report/progress';
import type { LoadReport } from '@postback/loadtest/report/report';
import { peakRssOf, usageOf } from './cpuTime.js';
import type { System } from './system.js';

export interface LoadFigures {
  readonly postbacksPerSecond: number;
  /** CPU time of all processes of the system, per delivered postback. */
  readonly cpuUs: number;
  /** End to end, ms: from when its request was due to its arrival. */
  readonly p50: number;
  readonly p99: number;
  /** Of the answers of ingest, ms. */
  readonly ingestP99: number;
  readonly delivered: number;
  /** Answered with anything but 202, or not at all. */
  readonly refused: number;
  readonly lost: number;
  /** Of all workers together, the highest since they started. */
  readonly workerRssMb: number;
  /** CPU time over time of the two that measure. */
  readonly generatorBusy: number;
  readonly sinkBusy: number;
  /** Why the ledger does not balance; empty when it does. */
  readonly faults: readonly string[];
}

/** Of a load that saturates. */
export const CONNECTIONS = 32;

/** As fast as these connections are answered, for so long; then until everything has arrived. */
export function saturate(system: System, load: { data: number; durationMs: number }): Promise<LoadFigures> {
  return measure(system, [
    '--duration',
    `${load.durationMs}ms`,
    '--data',
    String(load.data),
    '--connections',
    String(CONNECTIONS),
  ]);
}

/** At a fixed rate of postbacks per second. */
export function hold(
  system: System,
  load: { data: number; durationMs: number; perSecond: number },
): Promise<LoadFigures> {
  const rate = (load.perSecond / load.data).toFixed(3);
  return measure(system, [
    '--duration',
    `${load.durationMs}ms`,
    '--data',
    String(load.data),
    '--rate',
    rate,
    '--connections',
    '64',
  ]);
}

export async function measure(system: System, args: readonly string[]): Promise<LoadFigures> {
  const before = usageOf(system.pids());
  const report = await load(system, args);
  const after = usageOf(system.pids());
  const { delivered, lost, rejected, unknown } = report.accounting;
  const { ingest, endToEnd } = report.latencyMs;
  return {
    postbacksPerSecond: report.throughput.deliveredPerSecond,
    cpuUs: ((after.cpuMs - before.cpuMs) * 1_000) / Math.max(1, delivered),
    p50: endToEnd?.p50 ?? NaN,
    p99: endToEnd?.p99 ?? NaN,
    ingestP99: ingest?.p99 ?? NaN,
    delivered,
    refused: rejected + unknown,
    lost,
    workerRssMb: peakRssOf(system.workers.map(({ pid }) => pid)) / 2 ** 20,
    generatorBusy: report.instrument.generator.busyShare,
    sinkBusy: report.instrument.sink.busyShare,
    faults: report.verdict.faults,
  };
}

export function load(system: System, args: readonly string[], progress: Progress = noProgress): Promise<LoadReport> {
  const addresses = ['--url', system.url, '--sink-url', system.sinkUrl, '--drain-timeout', '30s'];
  const options = parseOptions(
    [...addresses, ...args],
    parseLoadtestConfig({ STACK_DNS_SERVERS: system.dnsServers }),
  ) as LoadOptions;
  return runLoadtest(options, { now: preciseNow, progress });
}
