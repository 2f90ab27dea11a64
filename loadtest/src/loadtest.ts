/** One run: open it at the sink, post, drain, balance the books. Owns the connections it makes and closes them whatever happens. */
import { randomBytes } from 'node:crypto';
import { measureCeiling } from './ceiling.js';
import { drain } from './generator/drain.js';
import { generate, plannedRequests } from './generator/generate.js';
import type { LoadOptions } from './generator/options.js';
import { createPoster } from './generator/post.js';
import type { Poster } from './generator/post.js';
import { behave, runScenario } from './generator/runScenario.js';
import { createSinkClient, measureClockOffset } from './generator/sinkClient.js';
import type { RunStatus, SinkClient } from './generator/sinkClient.js';
import { createTurns } from './generator/workload.js';
import type { SentRequest } from './ledger.js';
import type { PreciseClock } from './preciseClock.js';
import { describeInstrument, ownCpuMs, type Work } from './report/instrument.js';
import type { Progress } from './report/progress.js';
import type { LoadReport } from './report/report.js';
import { buildReport } from './report/report.js';
import type { Phase } from './scenarios/scenario.js';

export interface LoadtestDeps {
  readonly now: PreciseClock;
  readonly progress: Progress;
}

/** The stack or the sink is not there; the message says what to do. */
export class UnreachableError extends Error {
  readonly code = 'UNREACHABLE';
}

/** @throws UnreachableError before the first request; SinkError when the sink goes away later */
export async function runLoadtest(options: LoadOptions, deps: LoadtestDeps): Promise<LoadReport> {
  const poster = createPoster({ url: options.targetUrl, apiKey: options.apiKey, connections: options.connections });
  const sink = createSinkClient(options.sinkControlUrl);
  try {
    return await run({ ...deps, options, poster, sink });
  } finally {
    deps.progress.stop();
    await Promise.all([poster.close(), sink.close()]);
  }
}

type RunDeps = LoadtestDeps & { readonly options: LoadOptions; readonly poster: Poster; readonly sink: SinkClient };

async function run(deps: RunDeps): Promise<LoadReport> {
  const { options, sink, now, progress } = deps;
  const id = randomBytes(4).toString('hex');
  await checkReachable(deps, id);
  const direct = options.ceiling ? await measureCeiling(options, now) : null;
  const clockOffsetMs = await measureClockOffset(sink, id, now);

  const before = { ownCpuMs: ownCpuMs(), at: now(), sink: await sink.status(id) };
  const requests = await post(deps, id);
  const generator = { count: requests.length, cpuMs: ownCpuMs() - before.ownCpuMs, wallMs: now() - before.at };
  progress.phase('draining', requests.length * options.data);
  const job = { run: id, requests, timeoutMs: options.drainTimeoutMs };
  const drained = await drain(job, { sink, now, onProgress: (distinct) => progress.update(distinct) });
  const arrivals = drained.arrivals.map((arrival) => ({
    ...arrival,
    firstArrivalAt: arrival.firstArrivalAt - clockOffsetMs,
  }));
  const { scenario } = options;
  const attempts = scenario ? await behave({ run: id, scenario, options }, sink) : new Map<string, number>();
  const instrument = describeInstrument({ generator, sink: sinkWork(before.sink, drained.status) }, direct);
  return buildReport({ run: id, options, requests, arrivals, sinkStatus: drained.status, attempts, instrument });
}

/** Until its last delivery: afterwards it has nothing to do. */
function sinkWork(before: RunStatus, { arrivals, failed, dropped, cpuMs, lastArrivalAt, now }: RunStatus): Work {
  const wallMs = (lastArrivalAt ?? now) - before.now;
  return { count: arrivals + failed + dropped, cpuMs: cpuMs - before.cpuMs, wallMs };
}

async function post({ options, poster, sink, now, progress }: RunDeps, id: string): Promise<SentRequest[]> {
  const { scenario } = options;
  let answered = 0;
  const shared = { post: poster.post, now, onAnswer: () => progress.update(++answered) };
  if (scenario) {
    const onPhase = ({ name, rate, durationMs }: Phase) => {
      answered = 0;
      progress.phase(name, rate === null ? null : Math.round((rate * durationMs) / 1_000));
    };
    return runScenario({ run: id, scenario, options }, { ...shared, sink, onPhase });
  }
  progress.phase('posting', plannedRequests(options));
  return generate(options, { ...shared, buildBody: createTurns({ ...options, run: id }, options) });
}

async function checkReachable({ options, poster, sink }: RunDeps, id: string): Promise<void> {
  const { targetUrl, sinkControlUrl, sinkBehaviour } = options;
  await poster.probe().catch((cause: unknown) => {
    const reason = (cause as Error).message;
    throw new UnreachableError(
      `nothing answers at ${targetUrl} (${reason}): start it with \`make up\`, or give --url`,
      { cause },
    );
  });
  await sink.open(id, sinkBehaviour).catch((cause: unknown) => {
    const reason = (cause as Error).message;
    throw new UnreachableError(`no sink at ${sinkControlUrl} (${reason}): start it, or give --sink-control-url`, {
      cause,
    });
  });
}
