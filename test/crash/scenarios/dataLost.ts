/** 8: the data set vanishes at run time, or somebody trims a stream. Nobody crashes, and what is missing is counted. */
import { eventually } from '@postback/core/testing/eventually';
import { settleAccount } from '../account.js';
import { withRedisArguments, type CrashStack } from '../crashStack.js';
import { startLoad } from '../load.js';
import type { Scenario, Tools } from '../scenario.js';

export const flushed: Scenario = {
  id: '8a',
  title: 'FLUSHALL at run time',
  async run({ createStack }) {
    const stack = await startWithIntruder(createStack);
    await settleAccount(stack, await startLoad(stack, { requests: 20 }));
    const pids = ['ingest-1', 'delivery-1'].map((name) => stack.process(name).pid);
    await asIntruder(stack, 'FLUSHALL');
    const load = await startLoad(stack, { rate: 100, durationMs: 2_000 });
    const account = await settleAccount(stack, load);
    const isSame = pids.every((pid, index) => stack.process(['ingest-1', 'delivery-1'][index] ?? '').pid === pid);
    const isLogged = stack.process('delivery-1').log().includes('queue.data_lost');
    const faults = [...(isSame ? [] : ['a service has crashed']), ...(isLogged ? [] : ['the loss was not logged'])];
    return { account, faults, note: 'the group is made again; logged as an error; nobody restarts' };
  },
};

export const trimmed: Scenario = {
  id: '8b',
  title: 'pending entries trimmed by somebody else',
  async run({ createStack }) {
    const stack = await startWithIntruder(createStack);
    const load = await startLoad(stack, { requests: 4, data: 10, sink: { delayMs: 400 } });
    await eventually('attempts are under way', async () => (await stack.queue.books()).pending >= 20, 20_000);
    await stack.process('delivery-1').end();
    const { pending } = await stack.queue.books();
    await asIntruder(stack, 'XTRIM', stack.queue.keys.stream, 'MAXLEN', '0');
    await stack.start('delivery-1');
    await eventually('what was pending is counted', async () => (await stack.queue.books()).trimmed >= pending, 10_000);
    const after = await startLoad(stack, { requests: 20 });
    await load.sink.close();
    await load.requests;
    const account = await settleAccount(stack, after, { trimmed: pending });
    const isLogged = stack.process('delivery-1').log().includes('queue.entries_trimmed');
    // Whose endpoint it was went with the entry: one key stays until somebody deletes it.
    const others = account.faults.filter((fault) => fault !== '1 endpoint keys are left');
    return {
      account: { ...account, faults: others },
      faults: isLogged ? [] : ['the trimmed ids were not logged'],
      note: `${pending} of 40 were pending when the stream was emptied: logged, and in the books as trimmed`,
    };
  },
};

const INTRUDER = ['intruder', 'on', 'nopass', '~*', '&*', '+@all'];

/** Neither the services nor the operator may do such things; a user of the scenario's own may. */
async function startWithIntruder(createStack: Tools['createStack']): Promise<CrashStack> {
  const stack = await createStack();
  await stack.start('redis');
  await stack.process('redis').end(); // its configuration has been written
  stack.alter('redis', withRedisArguments(stack, '--user', ...INTRUDER));
  await stack.startAll();
  return stack;
}

async function asIntruder({ redis }: CrashStack, ...command: string[]): Promise<void> {
  await redis.send('', ['AUTH', 'intruder', 'any']);
  await redis.send('', command);
}
