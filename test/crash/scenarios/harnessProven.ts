/** The harness itself: promises broken on purpose must be reported. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@postback/core/testing/eventually';
import { settleAccount } from '../account.js';
import { withFault, withRedisArguments } from '../crashStack.js';
import { startLoad } from '../load.js';
import type { Scenario } from '../scenario.js';

export const withoutAof: Scenario = {
  id: 'H1',
  title: 'harness: Redis without AOF, killed',
  isShort: true,
  mustFail: /^lost \d+/,
  async run({ createStack }) {
    const stack = await createStack({ env: { DURABILITY_CHECK: 'off' } });
    await stack.start('redis');
    await stack.process('redis').end(); // its configuration has been written
    stack.alter('redis', withRedisArguments(stack, '--appendonly', 'no'));
    await stack.startAll();
    const load = await startLoad(stack, { rate: 100, durationMs: 1_500, sink: { delayMs: 300 } });
    await sleep(1_000);
    await stack.process('redis').end();
    await stack.start('redis');
    const account = await settleAccount(stack, load, { drainLimitMs: 5_000 });
    return { account, note: 'one SIGKILL of Redis' };
  },
};

export const ackBeforeDelivery: Scenario = {
  id: 'H2',
  title: 'harness: a worker that acks before it delivers, killed',
  isShort: true,
  mustFail: /^lost \d+/,
  async run({ createStack }) {
    const stack = await createStack();
    stack.alter('delivery-1', withFault('ackFirst'));
    await stack.startAll();
    const load = await startLoad(stack, { rate: 100, durationMs: 1_500 });
    await eventually('some are delivered', async () => (await stack.queue.books()).delivered > 100, 20_000);
    await stack.process('delivery-1').end();
    await stack.start('delivery-1');
    return { account: await settleAccount(stack, load, { drainLimitMs: 5_000 }), note: 'one SIGKILL of the worker' };
  },
};

const POSTBACKS = 2_000;

export const lyingSink: Scenario = {
  id: 'H3',
  title: 'harness: a sink that drops 1 % and counts 1 % twice',
  isShort: true,
  mustFail: /^lost 20 of 2000$/,
  async run({ createStack }) {
    const stack = await createStack();
    await stack.startAll();
    const lies = { dropShare: 0.01, duplicateShare: 0.01 };
    const load = await startLoad(stack, { requests: POSTBACKS / 10, data: 10, sink: lies });
    const account = await settleAccount(stack, load);
    const { duplicated } = account.ledger;
    if (duplicated !== 20) throw new Error(`${duplicated} duplicates were reported instead of 20`);
    return { account, note: 'reported exactly: 20 lost, 20 duplicated' };
  },
};
