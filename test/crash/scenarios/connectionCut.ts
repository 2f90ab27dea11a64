/** 7: the connection between a worker and Redis breaks, for seconds, or exactly at a script that moves an entry. */
import { setTimeout as sleep } from 'node:timers/promises';
import { settleAccount } from '../account.js';
import { WITHOUT_BREAKER, type CrashStack } from '../crashStack.js';
import { startLoad } from '../load.js';
import { startRedisProxy, type RedisProxy } from '../redisProxy.js';
import { faultIfMore, type Scenario } from '../scenario.js';

export const connectionCut: Scenario = {
  id: '7a',
  title: 'worker cut off from Redis while deliveries succeed',
  async run({ pick, createStack }) {
    const cutMs = pick(5_000, 2_500);
    const stack = await createStack();
    const proxy = await startThroughProxy(stack);
    const load = await startLoad(stack, { rate: 60, durationMs: cutMs + 2_000, sink: { delayMs: 200 } });
    await sleep(1_000);
    proxy.cut();
    await sleep(cutMs);
    proxy.mend();
    const account = await settleAccount(stack, load);
    await proxy.close();
    const faults = faultIfMore('duplicates', account.ledger.duplicated, 0);
    return { account, faults, note: `cut for ${cutMs / 1_000} s; the acks go out after it` };
  },
};

export const cutAtRetry: Scenario = {
  id: '7b',
  title: 'connection cut exactly at a retry script',
  isShort: true,
  async run({ pick, createStack }) {
    const cuts = pick(200, 20);
    const stack = await createStack({ env: WITHOUT_BREAKER });
    const proxy = await startThroughProxy(stack);
    let seen = 0;
    const wake = Buffer.from(stack.queue.keys.wake); // only the retry script names this channel
    proxy.onRequest((request) => {
      if (!request.includes(wake) || request.includes('SUBSCRIBE')) return 'pass';
      seen++;
      if (seen > 2 * cuts || seen % 2 === 0) return 'pass';
      return seen % 4 === 1 ? 'break-before' : 'break-after';
    });
    const load = await startLoad(stack, { requests: cuts, data: 1, rate: 10, connections: 5, sink: { failFirst: 2 } });
    const account = await settleAccount(stack, load);
    const { failed } = (await (await fetch(`${stack.sinkUrl}/runs/${load.run}`)).json()) as { failed: number };
    await proxy.close();
    const faults = [
      ...faultIfMore('duplicates', account.ledger.duplicated, 0),
      ...(failed === 2 * cuts ? [] : [`${failed} failed attempts instead of ${2 * cuts}`]),
      ...(seen >= 2 * cuts ? [] : [`only ${seen} retry scripts were seen`]),
    ];
    return { account, faults, note: `${cuts} cuts, half of them before Redis saw the script, half after` };
  },
};

async function startThroughProxy(stack: CrashStack): Promise<RedisProxy> {
  const proxy = await startRedisProxy(stack.ports.redis);
  stack.alter('delivery-1', (spec) => ({ ...spec, env: { ...spec.env, REDIS_URL: proxy.url } }));
  await stack.startAll();
  return proxy;
}
