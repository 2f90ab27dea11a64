/** 3, 11: the disk or the memory of Redis is full. Ingest says so at once, and what was accepted before is delivered. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@postback/core/testing/eventually';
import { settleAccount } from '../account.js';
import { faultsOfRefusal, postOnce, startLoad } from '../load.js';
import type { Scenario } from '../scenario.js';

/** In 512-byte blocks, as ulimit counts: the append-only file cannot grow beyond it, as on a full disk. */
const FILE_LIMIT_BLOCKS = 400;

export const diskFull: Scenario = {
  id: '3',
  title: 'the disk of Redis is full',
  async run({ createStack }) {
    const stack = await createStack();
    const { spec } = stack.process('redis');
    const limited = `trap '' XFSZ; ulimit -f ${FILE_LIMIT_BLOCKS}; exec "$0" "$@"`;
    stack.alter('redis', () => ({ ...spec, command: 'sh', args: ['-c', limited, spec.command, ...spec.args] }));
    await stack.startAll();
    const load = await startLoad(stack, { rate: 200, durationMs: 4_000, sink: { delayMs: 100 } });
    const redis = stack.process('redis');
    await eventually('Redis ends for lack of space', () => !redis.isRunning, 10_000);
    const faults = faultsOfRefusal(await postOnce(stack));
    await sleep(300);
    stack.alter('redis', () => spec);
    await stack.start('redis');
    const account = await settleAccount(stack, load);
    return {
      account,
      faults,
      note: 'Redis ends at the first write that fails; 503 meanwhile; space, restart, all delivered',
    };
  },
};

export const memoryFull: Scenario = {
  id: '11a',
  title: 'Redis at maxmemory while the third party is down',
  async run({ createStack }) {
    const stack = await createStack({
      env: { REDIS_MAXMEMORY: '6mb', RETRY_ATTEMPTS: '100', RETRY_SCHEDULE: '400ms' },
    });
    await stack.startAll();
    const load = await startLoad(stack, { durationMs: 6_000, rate: 150, connections: 8, data: 100, isDown: true });
    const faults: string[] = [];
    await eventually('ingest refuses', async () => (await postOnce(stack)).status === 503, 15_000);
    faults.push(...faultsOfRefusal(await postOnce(stack)));
    await load.requests;
    await load.heal();
    const account = await settleAccount(stack, load, { drainLimitMs: 60_000 });
    const { status } = await postOnce(stack);
    if (status !== 202) faults.push(`still refuses with ${status} after draining`);
    return {
      account,
      faults,
      note: '503 + Retry-After while full; everything parked or delayed moves; takes again after draining',
    };
  },
};
