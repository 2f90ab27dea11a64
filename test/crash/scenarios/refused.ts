/** 2, 11: a Redis that keeps less than was promised, and a backlog at its limit. Ingest says so instead of accepting. */
import { eventually } from '@postback/core/testing/eventually';
import { settleAccount } from '../account.js';
import { withRedisArguments, type CrashStack } from '../crashStack.js';
import { faultsOfRefusal, postOnce, startLoad } from '../load.js';
import type { Scenario } from '../scenario.js';

/** Each is weaker than DURABILITY=always; readiness must name the word. */
const WEAKER: readonly (readonly [args: readonly string[], named: RegExp])[] = [
  [['--appendonly', 'no'], /appendonly/],
  [['--appendfsync', 'everysec'], /appendfsync/],
  [['--maxmemory-policy', 'allkeys-lru'], /maxmemory-policy/],
];

export const weakerRedis: Scenario = {
  id: '2',
  title: 'Redis keeps less than DURABILITY says',
  async run({ createStack }) {
    const stack = await createStack();
    await stack.startAll();
    const faults: string[] = [];
    for (const [args, named] of WEAKER) faults.push(...(await startWeaker(stack, args, named)));
    await stack.process('redis').end();
    stack.alter('redis', withRedisArguments(stack));
    await stack.start('redis');
    await eventually('ingest is ready again', async () => (await readiness(stack)).status === 200, 10_000);
    const account = await settleAccount(stack, await startLoad(stack, { requests: 50 }));
    return { account, faults, note: 'no AOF, a weaker fsync, an evicting policy: unready, naming the setting; 503' };
  },
};

async function startWeaker(stack: CrashStack, args: readonly string[], named: RegExp): Promise<string[]> {
  await stack.process('redis').end();
  stack.alter('redis', withRedisArguments(stack, ...args));
  await stack.start('redis');
  await eventually(`readiness names ${named.source}`, async () => named.test((await readiness(stack)).body), 10_000);
  const { status } = await readiness(stack);
  return [...faultsOfRefusal(await postOnce(stack)), ...(status === 503 ? [] : [`readiness answers ${status}`])];
}

async function readiness({ ports }: CrashStack): Promise<{ status: number; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${ports.ingest[0]}/readyz`);
  return { status: answer.status, body: await answer.text() };
}

const MAX_BACKLOG = 2_000;

export const backlogFull: Scenario = {
  id: '11b',
  title: 'the backlog at its limit while the third party is down',
  async run({ createStack }) {
    const stack = await createStack({ env: { MAX_BACKLOG: String(MAX_BACKLOG), RETRY_SCHEDULE: '400ms' } });
    await stack.startAll();
    const load = await startLoad(stack, {
      durationMs: 3_000,
      connections: 4,
      data: 50,
      rate: 100,
      isDown: true,
    });
    await eventually('ingest refuses', async () => (await postOnce(stack)).status === 503, 10_000);
    const { accepted, delivered } = await stack.queue.books();
    await load.requests;
    await load.heal();
    const account = await settleAccount(stack, load);
    const backlog = accepted - delivered;
    const faults = backlog <= MAX_BACKLOG ? [] : [`${backlog} in the backlog, at most ${MAX_BACKLOG} were allowed`];
    const { status } = await postOnce(stack);
    if (status !== 202) faults.push(`still refuses with ${status} after draining`);
    return { account, faults, note: `503 at ${MAX_BACKLOG}; takes again after draining` };
  },
};
