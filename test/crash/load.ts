/** Load on a stack that is being broken: the load test's generator and sink, with faults going on beside it. */
import { randomBytes } from 'node:crypto';
import { generate, type Plan } from '../../loadtest/src/generator/generate.js';
import { createPoster } from '../../loadtest/src/generator/post.js';
import { createSinkClient, type SinkClient } from '../../loadtest/src/generator/sinkClient.js';
import { createBodyBuilder } from '../../loadtest/src/generator/workload.js';
import type { SentRequest } from '../../loadtest/src/ledger.js';
import { preciseNow } from '../../loadtest/src/preciseClock.js';
import { WELL_BEHAVED, type Behaviour } from '../../loadtest/src/sink/behaviour.js';
import type { CrashStack } from './crashStack.js';

export interface LoadPlan extends Partial<Plan> {
  readonly sink?: Partial<Behaviour>;
  /** Base URLs that requests go to in turn; all ingests unless given. */
  readonly targets?: readonly string[];
  /** The sink under these base URLs, in turn; its own unless given. */
  readonly sinkUrls?: readonly string[];
  /** The third party answers 503 until it is healed. */
  readonly isDown?: boolean;
}

export interface Load {
  readonly run: string;
  readonly sink: Omit<SinkClient, 'arrange'>;
  /** Resolves when every request is answered or has failed. */
  readonly requests: Promise<readonly SentRequest[]>;
  /** How many requests have been answered so far. */
  answered(): number;
  /** The third party that was down behaves from now on. */
  heal(): Promise<void>;
}

export function ingestUrls(stack: CrashStack): string[] {
  return stack.ports.ingest.map((port) => `http://127.0.0.1:${port}`);
}

/** Opens a run at the sink and begins to post; does not wait. */
export async function startLoad(stack: CrashStack, plan: LoadPlan): Promise<Load> {
  const { requests = null, durationMs = null, rate = null, connections = 20, data = 5 } = plan;
  const run = randomBytes(4).toString('hex');
  const sink = createSinkClient(stack.sinkUrl);
  await sink.open(run, { ...WELL_BEHAVED, ...plan.sink });
  const targets = plan.targets ?? ingestUrls(stack);
  const posters = targets.map((url) => createPoster({ url: `${url}/ingest`, apiKey: '', connections }));
  const become = (behaviour: Partial<Behaviour>) => sink.arrange(run, [{ count: 1, listening: true, behaviour }]);
  const [down] = plan.isDown ? await become({ failFirst: 1_000_000 }) : [];
  const sinkUrls = down ? [`http://127.0.0.1:${down.port}`] : (plan.sinkUrls ?? [stack.sinkUrl]);
  const builders = sinkUrls.map((sinkUrl) => createBodyBuilder({ run, method: 'GET', data, sinkUrl }));
  let next = 0;
  let answered = 0;
  const sent = generate(
    { requests, durationMs, rate, connections, data },
    {
      post: (body) => (posters[next++ % posters.length] as (typeof posters)[0]).post(body),
      buildBody: (firstSeq) => (builders[(firstSeq / data) % builders.length] as (typeof builders)[0])(firstSeq),
      now: preciseNow,
      onAnswer: () => answered++,
    },
  );
  const closed = sent.finally(() => Promise.all(posters.map((poster) => poster.close())));
  const heal = async () => void (await become({}));
  return { run, sink, requests: closed, answered: () => answered, heal };
}

export interface Refusal {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly ms: number;
}

/** One request on a connection of its own; the postback it asks for belongs to no run. */
export async function postOnce(stack: CrashStack, url = ingestUrls(stack)[0] as string): Promise<Refusal> {
  const endpoint = { method: 'GET', url: `${stack.sinkUrl}/postback/probe` };
  const startedAt = performance.now();
  const answer = await fetch(`${url}/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ endpoint, data: [{ probe: 1 }] }),
    signal: AbortSignal.timeout(10_000),
  });
  await answer.text();
  const ms = performance.now() - startedAt;
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), ms };
}

/** What a refusal breaks of "503 + Retry-After within 1 s". */
export function faultsOfRefusal({ status, retryAfter, ms }: Refusal): string[] {
  return [
    ...(status === 503 ? [] : [`answered ${status} instead of 503`]),
    ...(retryAfter === null ? ['a refusal without Retry-After'] : []),
    // 900 ms is the deadline; the rest is what a machine with busy cores needs to notice it. Who hangs takes the 10 s of the client.
    ...(ms > 2_500 ? [`a refusal took ${Math.round(ms)} ms`] : []),
  ];
}
