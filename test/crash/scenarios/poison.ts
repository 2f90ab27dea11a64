/** 10: an entry that ends every worker it is handed to. */
import { eventually } from '@postback/core/testing/eventually';
import { settleAccount } from '../account.js';
import { withFault } from '../crashStack.js';
import { startLoad } from '../load.js';
import { faultIfMore, type Scenario } from '../scenario.js';

const IN_FLIGHT = 64;
const POISON_SEQ = 32;
const HAND_OUTS = 5;

export const poison: Scenario = {
  id: '10a',
  title: 'a poison entry among 64 in flight',
  async run({ createStack }) {
    const stack = await createStack({ delivery: 1, env: { CLAIM_IDLE: '1100ms', DELIVERY_CONCURRENCY: '128' } });
    stack.alter('delivery-1', withFault('poison', { POISON_SEQ: String(POISON_SEQ) }));
    await stack.start('redis', 'sink');
    await stack.start('ingest-1');
    const load = await startLoad(stack, { requests: 1, data: IN_FLIGHT });
    await load.requests;
    const worker = stack.process('delivery-1');
    worker.keepRunning();
    worker.start();
    await eventually('the poison is dead', async () => (await stack.queue.books()).dead === 1, 60_000);
    const account = await settleAccount(stack, load, { dead: 1 });
    const letter = await deadLetter(stack);
    const { duplicated } = account.ledger;
    const hasPayload = letter.includes(`\\"seq\\":${POISON_SEQ},`) && letter.includes('"reason":"poison"');
    const faults = [
      ...(hasPayload ? [] : [`the dead letter is ${letter.slice(0, 200)}`]),
      ...faultIfMore('hand-outs of the poison', worker.deaths, HAND_OUTS),
      ...faultIfMore('duplicates', duplicated, worker.deaths * IN_FLIGHT),
    ];
    const note = `${worker.deaths} workers died of it; 1 dead letter with its payload, 63 delivered`;
    return { account, faults, note };
  },
};

/** delivery/src/worker.ts: so many may die as poison before delivery pauses. */
const POISON_LIMIT = 10;

export const crashingBuild: Scenario = {
  id: '10b',
  title: 'a build that crashes on every entry',
  async run({ createStack }) {
    const entries = POISON_LIMIT + 5;
    const stack = await createStack({
      env: { CLAIM_IDLE: '350ms', ATTEMPT_TIMEOUT: '150ms', DELIVERY_CONCURRENCY: '128' },
    });
    const { spec } = stack.process('delivery-1');
    stack.alter('delivery-1', withFault('poison'));
    await stack.start('redis', 'sink');
    await stack.start('ingest-1');
    const load = await startLoad(stack, { requests: 1, data: entries });
    await load.requests;
    const worker = stack.process('delivery-1');
    worker.keepRunning();
    worker.start();
    const isPaused = async () => (await readiness(spec.readyUrl ?? '')).includes('delivery is paused');
    await eventually('delivery pauses and says so', isPaused, 100_000);
    const { dead } = await stack.queue.books();
    await worker.dispose();
    stack.alter('delivery-1', () => spec); // the build is mended
    worker.start();
    await stack.queue.resume();
    const account = await settleAccount(stack, load, { dead });
    const faults = faultIfMore('dead letters', dead, POISON_LIMIT);
    const note = `${dead} of ${entries} dead, then paused and unready; a mended build delivers the rest`;
    return { account, faults, note };
  },
};

async function readiness(url: string): Promise<string> {
  const answer = await fetch(url).catch(() => undefined);
  return (await answer?.text()) ?? '';
}

async function deadLetter({ redis, queue }: Awaited<ReturnType<Parameters<Scenario['run']>[0]['createStack']>>) {
  const key = queue.keys.deadEntries;
  const [letter = ''] = (await redis.send(key, ['HVALS', key])) as string[];
  return letter;
}
