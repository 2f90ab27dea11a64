/** What every service says of itself: which build it is, whether it works, and what it takes of the machine. */
import { readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Gauge, Registry } from 'prom-client';
import { VERSION } from '../version.js';
import { counterAtScrape, gaugeAtScrape } from './atScrape.js';

interface ProcessFacts {
  readonly service: string;
  /** Why it cannot work now; empty when it can. */
  readonly reasons: () => readonly string[];
}

const MICROSECONDS = 1e6;

/** A registry of its own for each process, with these figures in it; the services add theirs. */
export function createRegistry({ service, reasons }: ProcessFacts): Registry {
  const registry = new Registry();
  const build = { name: 'postback_build_info', help: 'Always 1; which version of which service this is.' };
  new Gauge({ ...build, labelNames: ['service', 'version'], registers: [registry] }).set(
    { service, version: VERSION },
    1,
  );
  const ready = { name: 'postback_ready', help: '1 when the service can do its work, as /readyz says.' };
  gaugeAtScrape(registry, ready, () => (reasons().length === 0 ? 1 : 0));
  addProcess(registry);
  return registry;
}

/** The names are those of Prometheus's own client libraries. */
function addProcess(registry: Registry): void {
  const cpu = { name: 'process_cpu_seconds_total', help: 'Processor time of this process.' };
  counterAtScrape(registry, cpu, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / MICROSECONDS;
  });
  const memory = { name: 'process_resident_memory_bytes', help: 'Memory that this process takes.' };
  gaugeAtScrape(registry, memory, () => process.memoryUsage.rss());
  const heap = { name: 'nodejs_heap_used_bytes', help: 'JavaScript heap in use.' };
  gaugeAtScrape(registry, heap, () => process.memoryUsage().heapUsed);
  const start = { name: 'process_start_time_seconds', help: 'When this process began, Unix time.' };
  gaugeAtScrape(registry, start, () => performance.timeOrigin / 1_000);
  const files = { name: 'process_open_fds', help: 'Open files and sockets.' };
  gaugeAtScrape(registry, files, countOpenFiles);
  const loop = { name: 'nodejs_eventloop_active_seconds_total', help: 'Time that the event loop was busy.' };
  counterAtScrape(registry, loop, () => performance.eventLoopUtilization().active / 1_000);
}

/** Linux alone has the directory. */
function countOpenFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
