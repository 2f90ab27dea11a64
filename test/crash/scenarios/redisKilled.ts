/** 1, 15: Redis is killed or paused under load. */
import { setTimeout as sleep } from 'node:timers/promises';
import { settleAccount } from '../account.js';
import type { CrashStack } from '../crashStack.js';
import { faultsOfRefusal, postOnce, startLoad } from '../load.js';
import type { Scenario } from '../scenario.js';
import { rssOf } from '../processMemory.js';

const DOWN_MS = 700;

export const redisKilled: Scenario = {
  id: '1',
  title: 'Redis killed under load',
  isShort: true,
  async run({ pick, createStack }) {
    const kills = pick(5, 2);
    const everyMs = pick(4_000, 1_500);
    const stack = await createStack({ delivery: 2 });
    await stack.startAll();
    const load = await startLoad(stack, { rate: 200, durationMs: kills * everyMs + 1_000, sink: { delayMs: 20 } });
    const faults: string[] = [];
    for (let kill = 0; kill < kills; kill++) {
      await sleep(everyMs - DOWN_MS);
      faults.push(...(await killRedis(stack)));
    }
    const account = await settleAccount(stack, load);
    return { account, faults, note: `${kills} × SIGKILL, ${DOWN_MS} ms down each; 503 + Retry-After meanwhile` };
  },
};

async function killRedis(stack: CrashStack): Promise<string[]> {
  await stack.process('redis').end();
  await sleep(50);
  const refusal = await postOnce(stack);
  await sleep(DOWN_MS);
  await stack.start('redis');
  return faultsOfRefusal(refusal);
}

export const redisPaused: Scenario = {
  id: '15',
  title: 'Redis paused for 3 s',
  async run({ createStack }) {
    const stack = await createStack({});
    await stack.startAll();
    const load = await startLoad(stack, { rate: 300, durationMs: 6_000, connections: 200 });
    await sleep(1_500);
    const before = rssOf(stack.process('ingest-1').pid);
    stack.process('redis').signal('SIGSTOP');
    await sleep(100);
    const faults = faultsOfRefusal(await postOnce(stack));
    await sleep(1_900);
    const grownMb = rssOf(stack.process('ingest-1').pid) - before;
    stack.process('redis').signal('SIGCONT');
    if (grownMb > 100) faults.push(`ingest grew by ${grownMb} MB`);
    const account = await settleAccount(stack, load);
    return { account, faults, note: `SIGSTOP for 3 s; 503 within 1 s, ingest +${Math.max(0, grownMb)} MB` };
  },
};
