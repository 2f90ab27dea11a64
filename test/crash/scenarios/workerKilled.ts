/** 5, 6: a worker is killed at the worst moment, at random moments, or falls asleep. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startEndpointServer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { eventually } from '@postback/core/testing/eventually';
import { createPoster } from '../../../loadtest/src/generator/post.js';
import { settleAccount } from '../account.js';
import type { CrashStack } from '../crashStack.js';
import { inFlightOf } from '../inFlight.js';
import { ingestUrls, startLoad, type Load } from '../load.js';
import { startRedisProxy } from '../redisProxy.js';
import { faultIfMore, type Scenario } from '../scenario.js';

export const workerKilledBeforeAck: Scenario = {
  id: '5a',
  title: 'worker killed after the answer, before the ack',
  isShort: true,
  async run({ createStack }) {
    const stack = await createStack({ delivery: 2 });
    const proxy = await startRedisProxy(stack.ports.redis);
    const server = await startEndpointServer((_received, response) => {
      proxy.hold(); // the worker has read the entry; from here on Redis hears nothing more from it
      response.end('ok');
    });
    const ALLOWED_TARGETS = new URL(server.origin).host;
    stack.alter('ingest-1', (spec) => ({ ...spec, env: { ...spec.env, ALLOWED_TARGETS } }));
    stack.alter('delivery-1', (spec) => ({ ...spec, env: { ...spec.env, ALLOWED_TARGETS, REDIS_URL: proxy.url } }));
    stack.alter('delivery-2', (spec) => ({ ...spec, env: { ...spec.env, ALLOWED_TARGETS } }));
    await stack.start('redis');
    await stack.start('ingest-1', 'delivery-1');
    const poster = createPoster({ url: `${ingestUrls(stack)[0]}/ingest`, apiKey: '', connections: 1 });
    const body = { endpoint: { method: 'POST', url: `${server.origin}/x` }, data: [{ price: 1.1 }] };
    const answer = await poster.post(JSON.stringify(body));
    await eventually('the first delivery', () => server.received.length === 1, 20_000);
    await sleep(100); // the answer is with the worker, its ack is on the way to nowhere
    await stack.process('delivery-1').end();
    proxy.cut();
    await stack.start('delivery-2');
    const requests = Promise.resolve([{ firstSeq: 0, count: 1, dueAt: 0, answeredAt: 0, answer }]);
    const load: Load = { run: '', sink: sinkOf(server), requests, answered: () => 1, heal: () => Promise.resolve() };
    const account = await settleAccount(stack, load);
    await Promise.all([server.close(), proxy.close(), poster.close()]);
    const bodies = new Set(server.received.map((received) => received.body));
    const faults = [
      ...(server.received.length === 2 ? [] : [`${server.received.length} deliveries instead of 2`]),
      ...(bodies.size === 1 ? [] : ['the second delivery has another body']),
    ];
    return { account, faults, note: 'exactly 2 deliveries, same Postback-Id, same body' };
  },
};

/** A server of the scenario's own in the role of the sink, for a single postback. */
function sinkOf({ received }: EndpointServer): Load['sink'] {
  const ids = () => received.map(({ headers }) => headers['postback-id'] as string);
  const arrivals = () => [{ seq: 0, count: received.length, firstArrivalAt: 0, ids: ids() }];
  const nothing = { overflow: 0, failed: 0, dropped: 0, lastArrivalAt: 0, now: 0, cpuMs: 0 };
  const status = () => ({ ...nothing, arrivals: received.length, distinct: 1 });
  return {
    open: () => Promise.resolve(status()),
    status: () => Promise.resolve(status()),
    arrivals: () => Promise.resolve(arrivals()),
    remove: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

export const randomKills: Scenario = {
  id: '5b',
  title: 'workers and Redis killed at random',
  isShort: true,
  async run({ pick, createStack }) {
    const lengthMs = pick(15_000, 4_000);
    const stack = await createStack({ delivery: 2 });
    await stack.startAll();
    const load = await startLoad(stack, { rate: 150, durationMs: lengthMs, sink: { delayMs: 30 } });
    const endsAt = performance.now() + lengthMs;
    let allowed = 0;
    let workerKills = 0;
    let redisKills = 0;
    while (performance.now() < endsAt) {
      await sleep(200 + Math.random() * 600);
      if (++workerKills % 4 === 0) {
        redisKills++;
        await stack.process('redis').end();
        await stack.start('redis');
      }
      allowed += await killWorker(stack, `delivery-${1 + (workerKills % 2)}`);
    }
    const account = await settleAccount(stack, load);
    const faults = faultIfMore('duplicates', account.ledger.duplicated, allowed);
    return {
      account,
      faults,
      note: `${workerKills} worker kills with ${allowed} in flight, ${redisKills} Redis kills`,
    };
  },
};

/** Returns what the worker held when it died. */
async function killWorker(stack: CrashStack, name: string): Promise<number> {
  const worker = stack.process(name);
  const { pid } = worker;
  await worker.end();
  const held = await inFlightOf(stack, pid);
  worker.start(); // its readiness is not waited for: the next kill may meet it while it starts
  return held;
}

export const workerAsleep: Scenario = {
  id: '6',
  title: 'worker stopped past the claim idle, then continued',
  isShort: true,
  async run({ createStack }) {
    const stack = await createStack({ delivery: 2 });
    await stack.startAll();
    const load = await startLoad(stack, { rate: 100, durationMs: 5_000, sink: { delayMs: 40 } });
    await sleep(1_000);
    const sleeper = stack.process('delivery-1');
    sleeper.signal('SIGSTOP');
    await sleep(500); // its blocked read is still served: what Redis hands to it meanwhile is in flight too
    const held = await inFlightOf(stack, sleeper.pid);
    await sleep(2_500);
    sleeper.signal('SIGCONT');
    const account = await settleAccount(stack, load);
    const faults = faultIfMore('duplicates', account.ledger.duplicated, held);
    return { account, faults, note: `SIGSTOP for 3 s with ${held} in flight, claim idle 1.5 s` };
  },
};
