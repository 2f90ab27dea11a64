/** 4: ingest is killed in the middle of requests of 1,000 objects. Each of them is queued as a whole or not at all. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createPoster } from '../../../loadtest/src/generator/post.js';
import { createSinkClient } from '../../../loadtest/src/generator/sinkClient.js';
import { createBodyBuilder } from '../../../loadtest/src/generator/workload.js';
import { WELL_BEHAVED } from '../../../loadtest/src/sink/behaviour.js';
import type { SentRequest } from '../../../loadtest/src/ledger.js';
import { settleAccount } from '../account.js';
import type { CrashStack } from '../crashStack.js';
import { ingestUrls, type Load } from '../load.js';
import type { Scenario } from '../scenario.js';

const OBJECTS = 1_000;
const INGESTS = 4;
/** Kills are spread over the time such a request takes in a process just started, and a little beyond. */
const BEYOND = 1.2;

export const ingestKilled: Scenario = {
  id: '4',
  title: 'ingest killed inside requests of 1,000 objects',
  isShort: true,
  async run({ pick, createStack }) {
    const kills = pick(50, 8);
    const stack = await createStack({ ingest: INGESTS, delivery: 1, env: { DELIVERY_CONCURRENCY: '200' } });
    await stack.startAll();
    const run = 'kills';
    const sink = createSinkClient(stack.sinkUrl);
    await sink.open(run, WELL_BEHAVED);
    const requests: SentRequest[] = [];
    const restarts: Promise<void>[] = Array<Promise<void>>(INGESTS).fill(Promise.resolve());
    const { ms: wholeMs, request: whole } = await postDuring(stack, { run, which: 0, index: kills });
    for (let kill = 0; kill < kills; kill++) {
      const which = kill % INGESTS;
      await restarts[which];
      const killAfterMs = (kill / kills) * wholeMs * BEYOND;
      requests.push((await postDuring(stack, { run, which, index: kill, killAfterMs })).request);
      restarts[which] = stack.start(`ingest-${which + 1}`);
    }
    requests.push(whole);
    await Promise.all(restarts);
    const load: Load = {
      run,
      sink,
      requests: Promise.resolve(requests),
      answered: () => requests.length,
      heal: () => Promise.resolve(),
    };
    const faults = faultsOfParts(requests, (await arrivedWhenQuiet(stack, load)).seqs);
    const account = await settleAccount(stack, { ...load, sink: createSinkClient(stack.sinkUrl) });
    const answered = requests.filter(({ answer }) => answer.kind === 'accepted').length - 1;
    const kept = account.ledger.recovered / OBJECTS;
    const note = `${kills} kills: ${answered} after the answer, ${kept} before it with the request kept, the rest with nothing kept`;
    return { account, faults, note };
  },
};

interface Post {
  readonly run: string;
  readonly which: number;
  /** Of the request within the run. */
  readonly index: number;
  /** Not killed unless given. */
  readonly killAfterMs?: number;
}

async function postDuring(stack: CrashStack, { run, which, index, killAfterMs }: Post) {
  const url = `${ingestUrls(stack)[which]}/ingest`;
  const poster = createPoster({ url, apiKey: '', connections: 1 });
  const firstSeq = index * OBJECTS;
  const body = createBodyBuilder({ run, method: 'GET', data: OBJECTS, sinkUrl: stack.sinkUrl })(firstSeq);
  await poster.probe();
  const startedAt = performance.now();
  const posting = poster.post(body);
  if (killAfterMs !== undefined) {
    await sleep(killAfterMs);
    await stack.process(`ingest-${which + 1}`).end();
  }
  const answer = await posting;
  const ms = performance.now() - startedAt;
  await poster.close();
  const request: SentRequest = { firstSeq, count: OBJECTS, dueAt: 0, answeredAt: 0, answer };
  return { request, ms };
}

async function arrivedWhenQuiet(stack: CrashStack, load: Load): Promise<{ seqs: ReadonlySet<number> }> {
  for (;;) {
    const { waiting, pending } = await stack.queue.books();
    if (waiting + pending === 0) break;
    await sleep(100);
  }
  const arrivals = await load.sink.arrivals(load.run);
  await load.sink.close();
  return { seqs: new Set(arrivals.map(({ seq }) => seq)) };
}

function faultsOfParts(requests: readonly SentRequest[], seqs: ReadonlySet<number>): string[] {
  return requests.flatMap(({ firstSeq }) => {
    const arrived = Array.from({ length: OBJECTS }, (_, index) => firstSeq + index).filter((seq) => seqs.has(seq));
    return [0, OBJECTS].includes(arrived.length)
      ? []
      : [`${arrived.length} of ${OBJECTS} postbacks of a request arrived`];
  });
}
