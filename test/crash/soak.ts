/**
 * The soak: steady load with faults for minutes, and the heap after a collection at a quarter of the time against the end. The
 * ingest and the worker that are measured are never killed; a second worker and Redis are.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@postback/core/testing/eventually';
import { settleAccount } from './account.js';
import { withFault, type CrashStack } from './crashStack.js';
import { inFlightOf } from './inFlight.js';
import { startLoad } from './load.js';
import { faultIfMore, type Scenario } from './scenario.js';

const FAULT_EVERY_MS = 10_000;
/** Growth that is noise: code compiled late, buffers that came to their size. */
const NOISE = 1.05;
/** A collection takes well under a second; the machine may be busy with something else. */
const MEASURE_MS = 30_000;
const MEASURED = ['ingest-1', 'delivery-1'];

export function soak(lengthMs: number): Scenario {
  return {
    id: 'soak',
    title: `${lengthMs / 60_000} minutes of load with kills`,
    async run({ createStack }) {
      const stack = await createStack({ delivery: 2 });
      const heapFile = (name: string) => join(stack.layout.stateDir, `${name}.heap`);
      for (const name of MEASURED) stack.alter(name, withFault('heap', { HEAP_FILE: heapFile(name) }));
      await stack.startAll();
      const load = await startLoad(stack, { rate: 100, durationMs: lengthMs, data: 5, sink: { delayMs: 10 } });
      const injecting = injectFaults(stack, lengthMs - FAULT_EVERY_MS);
      await sleep(lengthMs / 4);
      const early = await Promise.all(MEASURED.map((name) => measureHeap(stack, name, heapFile(name))));
      await sleep((lengthMs * 3) / 4);
      const late = await Promise.all(MEASURED.map((name) => measureHeap(stack, name, heapFile(name))));
      const { kills, allowed } = await injecting;
      const account = await settleAccount(stack, load);
      const growth = MEASURED.map((name, index) => ({ name, by: (late[index] ?? 0) / (early[index] ?? 1) }));
      const faults = [
        ...faultIfMore('duplicates', account.ledger.duplicated, allowed),
        ...growth.filter(({ by }) => by > NOISE).map(({ name, by }) => `the heap of ${name} grew × ${by.toFixed(2)}`),
      ];
      const heaps = growth.map(({ name, by }) => `${name} × ${by.toFixed(3)}`).join(', ');
      return { account, faults, note: `${kills} kills; heap after collection, end against a quarter: ${heaps}` };
    },
  };
}

/** A worker and Redis, in turn. Returns how often, and what the workers held. */
async function injectFaults(stack: CrashStack, lengthMs: number): Promise<{ kills: number; allowed: number }> {
  const endsAt = performance.now() + lengthMs;
  let kills = 0;
  let allowed = 0;
  while (performance.now() + FAULT_EVERY_MS < endsAt) {
    await sleep(FAULT_EVERY_MS);
    if (kills++ % 2 === 0) {
      const worker = stack.process('delivery-2');
      const { pid } = worker;
      await worker.end();
      allowed += await inFlightOf(stack, pid);
      await stack.start('delivery-2');
    } else {
      await stack.process('redis').end();
      await stack.start('redis');
    }
  }
  return { kills, allowed };
}

async function measureHeap(stack: CrashStack, name: string, file: string): Promise<number> {
  const read = () => {
    try {
      return readFileSync(file, 'utf8').trim().split('\n').map(Number);
    } catch {
      return [];
    }
  };
  const before = read().length;
  stack.process(name).signal('SIGUSR2');
  await eventually(`${name} has measured its heap`, () => read().length > before, MEASURE_MS);
  return read().at(-1) ?? 0;
}
