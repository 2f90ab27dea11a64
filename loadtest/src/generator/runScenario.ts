/** Posts the phases of a scenario one after the other, and tells the sink before each how its destinations behave. */
import type { SentRequest } from '../ledger.js';
import type { Group, Phase, Scenario } from '../scenarios/scenario.js';
import { SINK_DOMAIN } from '../sink/names.js';
import { generate, type GenerateDeps } from './generate.js';
import type { LoadOptions } from './options.js';
import type { DestinationGroup, DestinationStatus, SinkClient } from './sinkClient.js';
import { dealTargets } from './targets.js';
import { createBodyBuilder, type BodyBuilder } from './workload.js';

export interface ScenarioJob {
  readonly run: string;
  readonly scenario: Scenario;
  readonly options: Pick<LoadOptions, 'connections' | 'method' | 'sinkUrl'>;
}

export interface ScenarioDeps extends Pick<GenerateDeps, 'post' | 'now' | 'onAnswer'> {
  readonly sink: Pick<SinkClient, 'arrange'>;
  readonly onPhase?: (phase: Phase) => void;
}

/** In the order of seq, each with its phase and group. Afterwards all destinations behave. */
export async function runScenario(job: ScenarioJob, deps: ScenarioDeps): Promise<SentRequest[]> {
  const sent: SentRequest[] = [];
  for (const phase of job.scenario.phases) {
    deps.onPhase?.(phase);
    sent.push(...(await runPhase(job, phase, sent.length * job.scenario.data, deps)));
  }
  await behave(job, deps.sink);
  return sent;
}

/** Group → attempts that its destinations got so far. All of them behave from now on. */
export async function behave(
  job: ScenarioJob,
  sink: Pick<SinkClient, 'arrange'>,
): Promise<ReadonlyMap<string, number>> {
  const destinations = await arrange(job, undefined, sink);
  return new Map(
    [...destinations].map(([group, list]) => [group, list.reduce((sum, { attempts }) => sum + attempts, 0)]),
  );
}

async function runPhase(
  { run, scenario, options }: ScenarioJob,
  phase: Phase,
  firstSeq: number,
  { sink, ...deps }: ScenarioDeps,
): Promise<SentRequest[]> {
  const destinations = await arrange({ run, scenario, options }, phase, sink);
  const urls = new Map(
    [...destinations].map(([group, list]) => [
      group,
      list.map(({ port }, index) => urlAt(options.sinkUrl, port, hostOf(scenario, group, index))),
    ]),
  );
  const nextTarget = dealTargets(phase.shares, urls);
  const groups = new Map<number, string>();
  const builders = new Map<string, BodyBuilder>();
  const builderFor = (url: string) => {
    const known = builders.get(url) ?? createBodyBuilder({ ...scenario, run, method: options.method, sinkUrl: url });
    builders.set(url, known);
    return known;
  };
  const { durationMs, rate } = phase;
  const plan = {
    requests: null,
    durationMs,
    rate,
    connections: scenario.connections ?? options.connections,
    data: scenario.data,
    firstSeq,
  };
  const sent = await generate(plan, {
    ...deps,
    buildBody: (seq) => {
      const { group, url } = nextTarget();
      groups.set(seq, group);
      return builderFor(url)(seq);
    },
  });
  return sent.map((request) => ({ ...request, phase: phase.name, group: groups.get(request.firstSeq) as string }));
}

async function arrange(
  { run, scenario }: ScenarioJob,
  phase: Phase | undefined,
  sink: Pick<SinkClient, 'arrange'>,
): Promise<ReadonlyMap<string, readonly DestinationStatus[]>> {
  const arranged = await sink.arrange(
    run,
    scenario.groups.map((group) => destinationGroup(group, phase)),
  );
  const byGroup = new Map<string, readonly DestinationStatus[]>();
  let from = 0;
  for (const { name, count } of scenario.groups) {
    byGroup.set(name, arranged.slice(from, from + count));
    from += count;
  }
  return byGroup;
}

function destinationGroup({ name, count, label }: Group, phase: Phase | undefined): DestinationGroup {
  const behaviour = phase?.behaviour?.[name] ?? {};
  if (behaviour === 'refusing') return { count, listening: false, behaviour: {} };
  if (behaviour === 'nameless') return { count, listening: true, behaviour: {}, silentName: label };
  return { count, listening: true, behaviour };
}

function hostOf({ groups }: Scenario, group: string, index: number): string | undefined {
  const label = groups.find(({ name }) => name === group)?.label;
  return label === undefined ? undefined : `host-${index}.${label}.${SINK_DOMAIN}`;
}

function urlAt(sinkUrl: string, port: number, host: string | undefined): string {
  const url = new URL(sinkUrl);
  url.port = String(port);
  if (host !== undefined) url.hostname = host;
  return url.origin;
}
