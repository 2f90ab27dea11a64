/** 12, 13: services and nginx are told to stop or to reload, and nobody's request is cut off. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@postback/core/testing/eventually';
import type { SentRequest } from '../../../loadtest/src/ledger.js';
import { settleAccount } from '../account.js';
import type { CrashStack } from '../crashStack.js';
import type { Exit } from '../../../scripts/src/ownedProcess.js';
import { startLoad } from '../load.js';
import { faultIfMore, type Scenario } from '../scenario.js';

/** Until load has arrived where it is to be met, on a machine that is busy with something else. */
const PATIENCE_MS = 20_000;

export const ingestStopped: Scenario = {
  id: '12a',
  title: 'ingest told to stop with 200 busy keep-alive connections',
  async run({ createStack }) {
    const stack = await createStack();
    await stack.startAll();
    const load = await startLoad(stack, { durationMs: 2_500, connections: 200, data: 1 });
    await sleep(1_500);
    const exit = await stack.process('ingest-1').end('SIGTERM');
    const requests = await load.requests;
    const account = await settleAccount(stack, load);
    const resets = unanswered(requests).filter((reason) => reason !== 'ECONNREFUSED');
    const faults = [...faultsOfExit(exit), ...faultIfMore(`requests broken off (${resets[0]})`, resets.length, 0)];
    return { account, faults, note: `0 resets, exit 0; then connections are refused` };
  },
};

export const workerStoppedWhileSlow: Scenario = {
  id: '12b',
  title: 'worker told to stop while the endpoint is slow',
  isShort: true,
  async run({ createStack }) {
    const stack = await createStack({ env: { ATTEMPT_TIMEOUT: '2s', CLAIM_IDLE: '4100ms' } });
    await stack.startAll();
    const load = await startLoad(stack, { requests: 10, data: 5, sink: { delayMs: 400 } });
    await eventually('attempts are under way', async () => (await stack.queue.books()).pending > 20, PATIENCE_MS);
    const exit = await stack.process('delivery-1').end('SIGTERM');
    const { pending } = await stack.queue.books();
    await stack.start('delivery-1');
    const account = await settleAccount(stack, load);
    const faults = [
      ...faultsOfExit(exit),
      ...faultIfMore('pending after the exit', pending, 0),
      ...faultIfMore('duplicates', account.ledger.duplicated, 0),
    ];
    return { account, faults, note: 'attempts under way finish, pending 0, exit 0' };
  },
};

export const workerStoppedWhileHanging: Scenario = {
  id: '12c',
  title: 'worker told to stop while the endpoint hangs',
  async run({ createStack }) {
    const env = { ATTEMPT_TIMEOUT: '3s', CLAIM_IDLE: '6100ms', SHUTDOWN_TIMEOUT: '1s' };
    const stack = await createStack({ env });
    await stack.startAll();
    const load = await startLoad(stack, { requests: 10, data: 5, sink: { delayMs: 2_500 } });
    await load.requests;
    await underWay(stack);
    const startedAt = performance.now();
    const exit = await stack.process('delivery-1').end('SIGTERM');
    const exitMs = performance.now() - startedAt;
    const { pending, waiting, parked } = await stack.queue.books();
    await stack.start('delivery-1');
    await underWay(stack);
    stack.process('delivery-1').signal('SIGTERM');
    await sleep(100);
    const secondAt = performance.now();
    await stack.process('delivery-1').end('SIGTERM');
    const secondMs = performance.now() - secondAt;
    // What the sink had and was broken off comes again, and nothing else. The sink counts when it answers.
    await sleep(3_000);
    const brokenOff = (await load.sink.status(load.run)).arrivals - (await stack.queue.books()).delivered;
    await stack.start('delivery-1');
    const account = await settleAccount(stack, load);
    const faults = [
      ...faultsOfExit(exit),
      ...faultIfMore('ms to the exit', Math.round(exitMs), 3_500),
      ...faultIfMore('ms to the exit after a second signal', Math.round(secondMs), 900),
      ...faultIfMore('pending after the exit', pending, 0),
      ...faultIfMore('duplicates', account.ledger.duplicated, brokenOff),
      ...(waiting + parked === 50 ? [] : [`${waiting + parked} handed back or parked instead of 50`]),
    ];
    return {
      account,
      faults,
      note: `exit 0 after ${(exitMs / 1_000).toFixed(1)} s, 50 handed back; second signal: at once; ${brokenOff} were broken off`,
    };
  },
};

async function underWay(stack: CrashStack): Promise<void> {
  await eventually('attempts are under way', async () => (await stack.queue.books()).pending > 3, PATIENCE_MS);
  await sleep(300); // and have arrived
}

export const nginxReloaded: Scenario = {
  id: '13a',
  title: 'nginx reloaded under load',
  async run({ pick, createStack }) {
    const reloads = pick(5, 2);
    const stack = await createStack({ ingest: 2 });
    await stack.startAll();
    await stack.start('nginx');
    const load = await startLoad(stack, {
      ...{ durationMs: reloads * 1_000 + 1_000, connections: 20, data: 1, rate: 300 },
      targets: [stack.httpUrl],
    });
    for (let reload = 0; reload < reloads; reload++) {
      await sleep(1_000);
      stack.process('nginx').signal('SIGHUP');
    }
    const failed = failedOf(await load.requests);
    const account = await settleAccount(stack, load);
    // Before 1.27.4 nginx closes idle connections at once on a reload, under a request that is just on its way.
    const conf = readFileSync(join(stack.layout.nginxDir, 'nginx.conf'), 'utf8');
    const isGentle = conf.includes('keepalive_min_timeout');
    const faults = faultIfMore(`failed requests (${failed[0]})`, failed.length, isGentle ? 0 : reloads);
    const note = `${reloads} × SIGHUP, ${failed.length} failed${isGentle ? '' : ' (nginx before 1.27.4: at most 1 per reload)'}`;
    return { account, faults, note };
  },
};

export const oneIngestKilled: Scenario = {
  id: '13b',
  title: 'one of two ingests killed behind nginx',
  async run({ createStack }) {
    const connections = 20;
    const stack = await createStack({ ingest: 2 });
    await stack.startAll();
    await stack.start('nginx');
    const load = await startLoad(stack, {
      durationMs: 3_000,
      connections,
      data: 2,
      rate: 300,
      targets: [stack.httpUrl],
    });
    await sleep(1_000);
    await stack.process('ingest-1').end();
    await sleep(1_000);
    await stack.start('ingest-1');
    const failed = failedOf(await load.requests);
    const account = await settleAccount(stack, load);
    // At most one request per connection can have been with it.
    const faults = faultIfMore(`failed requests (${failed[0]})`, failed.length, connections);
    return { account, faults, note: `${failed.length} requests in flight failed, all others were taken by the other` };
  },
};

function faultsOfExit({ code, signal }: Exit): string[] {
  return code === 0 ? [] : [`exit ${code ?? signal} instead of 0`];
}

function unanswered(requests: readonly SentRequest[]): string[] {
  return requests.flatMap(({ answer }) => (answer.kind === 'unknown' ? [answer.reason] : []));
}

function failedOf(requests: readonly SentRequest[]): string[] {
  const rejected = requests.flatMap(({ answer }) => (answer.kind === 'rejected' ? [`HTTP ${answer.status}`] : []));
  return [...unanswered(requests), ...rejected];
}
