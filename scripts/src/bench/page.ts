/** The result in words and tables: for the terminal, and between the markers of docs/performance.md. */
import { ratioOf, spreadOf } from './summary.js';
import { spread, table, whole } from './table.js';
import { percentOf, type Ceiling, type Effort } from '@postback/loadtest/report/instrument';
import type { LoadFigures } from './measure.js';
import type { QueueRun, Run, SuiteResult } from './suite.js';
import type { SystemName } from './system.js';

const NAMES: Readonly<Record<SystemName, string>> = {
  postback: 'Postback Delivery',
  bullmq: 'Express + BullMQ + axios',
  floor: 'floor: no queue, no promise',
};

type Figure = { readonly name: string; readonly digits: number; readonly of: (run: Run) => number };

const FIGURES: readonly Figure[] = [
  { name: 'postbacks/s', digits: 0, of: (run) => run.saturated.postbacksPerSecond },
  { name: 'CPU µs', digits: 0, of: (run) => run.saturated.cpuUs },
  { name: 'p50 ms at half', digits: 2, of: (run) => run.half.p50 },
  { name: 'p99 ms at half', digits: 1, of: (run) => run.half.p99 },
  { name: 'ingest p99 ms at half', digits: 1, of: (run) => run.half.ingestP99 },
  { name: 'worker MB', digits: 0, of: (run) => run.half.workerRssMb },
];

export function renderPage({ ceiling, runs, queues, failures }: SuiteResult, about: string): string {
  const cases = [...new Map(runs.map((run) => [`${run.durability} ${run.data}`, run])).values()];
  return [
    about,
    '',
    ...instrumentLines(ceiling, runs),
    ...failures.map((failure) => `**Failed**: ${failure}\n`),
    ...cases.flatMap((one) => caseTable(runs, one)),
    ...(queues.length === 0 ? [] : queueTable(queues)),
  ].join('\n');
}

/** Who measures must not be what is measured. */
function instrumentLines(ceiling: Ceiling | null, runs: readonly Run[]): string[] {
  if (!ceiling) return [];
  const busiest = (of: (figures: LoadFigures) => number) =>
    percentOf(Math.max(...runs.flatMap(({ saturated, half }) => [of(saturated), of(half)])));
  const { perSecond, generator, sink } = ceiling;
  const alone = (effort: Effort) => whole(effort.ceilingPerSecond ?? 0);
  return [
    `The instrument with nothing between: ${whole(perSecond)} requests/s of one object; with a processor to itself the generator could post ` +
      `${alone(generator)}/s and the sink take ${alone(sink)}/s. Busiest in any run: generator ` +
      `${busiest(({ generatorBusy }) => generatorBusy)}, sink ${busiest(({ sinkBusy }) => sinkBusy)} of a processor.`,
    '',
  ];
}

function caseTable(runs: readonly Run[], { durability, data }: Run): string[] {
  const ofCase = runs.filter((run) => run.durability === durability && run.data === data);
  const own = (system: SystemName) => ofCase.filter((run) => run.system === system);
  const systems = [...new Set(ofCase.map(({ system }) => system))];
  const rows = systems.map((system) => [
    NAMES[system],
    ...FIGURES.map(({ of, digits }) => spread(spreadOf(own(system).map(of)), digits)),
  ]);
  const pairs = pairUp(own('postback'), own('bullmq'));
  const ratio = (of: Figure['of']) => spread(ratioOf(...unzip(pairs.map(([a, b]) => [of(a), of(b)]))), 2);
  const ratios = pairs.length === 0 ? [] : [['ours ÷ BullMQ', ...FIGURES.map(({ of }) => ratio(of))]];
  const sum = (of: (figures: LoadFigures) => number) =>
    ofCase.reduce((total, { saturated, half }) => total + of(saturated) + of(half), 0);
  return [
    `**${data} ${data === 1 ? 'object' : 'objects'} per request, \`DURABILITY=${durability}\`** (lost in all runs: ${sum(({ lost }) => lost)}, refused: ${sum(({ refused }) => refused)})`,
    '',
    ...table(['', ...FIGURES.map(({ name }) => name)], [...rows, ...ratios]),
    '',
  ];
}

/** Runs of the same turn: one that failed has no partner. */
function pairUp(ours: readonly Run[], theirs: readonly Run[]): [Run, Run][] {
  return ours.flatMap((run) => {
    const partner = theirs.find(({ repetition }) => repetition === run.repetition);
    return partner ? [[run, partner] as [Run, Run]] : [];
  });
}

function unzip(pairs: readonly (readonly [number, number])[]): [number[], number[]] {
  return [pairs.map(([first]) => first), pairs.map(([, second]) => second)];
}

function queueTable(queues: readonly QueueRun[]): string[] {
  const rows = queues.map((run) => [
    NAMES[run.system],
    whole(run.count),
    whole(run.queuedBytes),
    whole(run.bytesIngestRedis),
    whole(run.bytesRedisDelivery),
    whole(run.fillPerSecond),
    whole(run.drainPerSecond),
    whole(run.workerRssMb),
  ]);
  const head = [
    '',
    'waiting',
    'bytes each in Redis',
    'bytes ingest–Redis',
    'bytes Redis–delivery',
    'filled/s',
    'drained/s',
    'worker RSS MB',
  ];
  return [
    '**A queue that fills while the workers stand still, and then drains**',
    '',
    ...table(head, rows),
    '',
    ...longAgainstShort(queues),
  ];
}

/** Does a long queue drain as fast as a short one? */
function longAgainstShort(queues: readonly QueueRun[]): string[] {
  const systems = [...new Set(queues.map(({ system }) => system))];
  return systems.flatMap((system) => {
    const own = queues.filter((run) => run.system === system).sort((a, b) => a.count - b.count);
    const [short, long] = [own[0], own.at(-1)];
    if (!short || !long || short === long) return [];
    const ratio = (long.drainPerSecond / short.drainPerSecond).toFixed(2);
    return [
      `${NAMES[system]}: ${whole(long.count)} waiting drain at ${ratio} × the rate of ${whole(short.count)}.`,
      '',
    ];
  });
}
