/** 14: clocks that jump, and a Redis that needs its time to load. */
import { setTimeout as sleep } from 'node:timers/promises';
import { settleAccount } from '../account.js';
import { WITHOUT_BREAKER, withFault, withRedisArguments } from '../crashStack.js';
import { faultsOfRefusal, postOnce, startLoad } from '../load.js';
import { faultIfMore, type Scenario } from '../scenario.js';

const HOUR_MS = 3_600_000;

export const clocksJump: Scenario = {
  id: '14a',
  title: 'clocks of ingest and worker jump by ± 1 h',
  async run({ createStack }) {
    const stack = await createStack({ env: WITHOUT_BREAKER });
    stack.alter('ingest-1', withFault('clock', { CLOCK_SHIFT_MS: String(HOUR_MS) }));
    stack.alter('delivery-1', withFault('clock', { CLOCK_SHIFT_MS: String(-HOUR_MS) }));
    await stack.startAll();
    const load = await startLoad(stack, { rate: 100, durationMs: 4_000, sink: { failFirst: 2 } });
    for (let jump = 0; jump < 3; jump++) {
      await sleep(1_000);
      for (const name of ['ingest-1', 'delivery-1']) stack.process(name).signal('SIGUSR2');
    }
    const account = await settleAccount(stack, load);
    const faults = [
      ...faultIfMore('duplicates', account.ledger.duplicated, 0),
      ...faultIfMore('s to drain', account.drainSeconds, 5),
    ];
    return { account, faults, note: 'an hour off at the start, then 3 jumps of two hours; retries stay on time' };
  },
};

const LOADED_REQUESTS = 1_500;
/** Per command of the append-only file, in µs: makes Redis answer LOADING for seconds, as with a file of gigabytes. */
const LOAD_DELAY_US = 500;

export const slowLoading: Scenario = {
  id: '14b',
  title: 'Redis loads a large file at its start',
  async run({ createStack }) {
    const stack = await createStack();
    await stack.start('redis', 'sink');
    await stack.start('ingest-1');
    const load = await startLoad(stack, { requests: LOADED_REQUESTS, data: 2, connections: 10 });
    await load.requests;
    await stack.process('redis').end();
    stack.alter('redis', withRedisArguments(stack, '--key-load-delay', String(LOAD_DELAY_US)));
    stack.process('redis').start();
    stack.process('delivery-1').start();
    await sleep(500);
    const faults = faultsOfRefusal(await postOnce(stack));
    await stack.untilLoaded();
    const account = await settleAccount(stack, load);
    const restarts = stack.process('delivery-1').deaths + stack.process('ingest-1').deaths;
    faults.push(...faultIfMore('restarts', restarts, 0));
    return { account, faults, note: '503 while it loads; the worker waits; nobody restarts' };
  },
};
