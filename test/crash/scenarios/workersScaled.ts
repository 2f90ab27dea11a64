/** 9: workers come and go under load, as an operator scales them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@postback/core/testing/eventually';
import { settleAccount } from '../account.js';
import { consumersOf } from '../inFlight.js';
import { startLoad } from '../load.js';
import { faultIfMore, type Scenario } from '../scenario.js';

export const workersScaled: Scenario = {
  id: '9',
  title: 'workers 1 → 5 → 2 under load',
  async run({ pick, createStack }) {
    const stack = await createStack({ delivery: 5 });
    await stack.start('redis', 'sink');
    await stack.start('ingest-1', 'delivery-1');
    const load = await startLoad(stack, { rate: 100, durationMs: pick(12_000, 6_000), sink: { delayMs: 50 } });
    await sleep(500);
    await stack.start('delivery-2', 'delivery-3', 'delivery-4', 'delivery-5');
    await sleep(pick(4_000, 1_000));
    const exits = await Promise.all([1, 3, 5].map((worker) => stack.process(`delivery-${worker}`).end('SIGTERM')));
    const account = await settleAccount(stack, load);
    const running = [2, 4].map((worker) => `-${stack.process(`delivery-${worker}`).pid}-`);
    const isGone = (name: string) => !running.some((part) => name.includes(part));
    await eventually(
      'only the consumers that run are left',
      async () => !(await consumersOf(stack)).some(({ name }) => isGone(name)),
      10_000,
    );
    const bad = exits.filter(({ code }) => code !== 0);
    const faults = [
      ...faultIfMore('duplicates', account.ledger.duplicated, 0),
      ...bad.map(({ code, signal }) => `a worker ended with ${code ?? signal} instead of 0`),
    ];
    return { account, faults, note: '3 of 5 ended with SIGTERM: exit 0, their consumers removed' };
  },
};
