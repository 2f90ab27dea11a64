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
    const { lost, duplicated } = account.ledger;
    const hasPayload = letter.includes(`\\"seq\\":${POISON_SEQ},`) && letter.includes('"reason":"poison"');
    const others = account.faults.filter((fault) => !/^lost 1 of 64$/.test(fault));
    const faults = [
      ...(hasPayload ? [] : [`the dead letter is ${letter.slice(0, 200)}`]),
      ...(lost <= 1 ? [] : [`${lost - 1} innocents were lost`]),
      ...faultIfMore('hand-outs of the poison', worker.deaths, HAND_OUTS),
      ...faultIfMore('duplicates', duplicated, worker.deaths * IN_FLIGHT),
    ];
    const note = `${worker.deaths} workers died of it; 1 dead letter with its payload, 63 delivered`;
    return { account: { ...account, faults: others }, faults, note };
  },
};

async function deadLetter({ redis, queue }: Awaited<ReturnType<Parameters<Scenario['run']>[0]['createStack']>>) {
  const key = queue.keys.deadEntries;
  const [letter = ''] = (await redis.send(key, ['HVALS', key])) as string[];
  return letter;
}
