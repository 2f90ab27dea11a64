/** The report for a terminal: at most 100 columns, colours only where asked for, the verdict on the last line. */
import Table from 'cli-table3';
import pc from 'picocolors';
import type { Latency } from '../latency.js';
import { findingText } from './findings.js';
import { percentOf, type Effort } from './instrument.js';
import type { LoadReport } from './report.js';

type Colors = ReturnType<typeof pc.createColors>;

export function renderText(report: LoadReport, isColored: boolean): string {
  const colors = pc.createColors(isColored);
  return [
    colors.bold(`Load test ${report.run}`),
    ...findingLines(report, colors),
    ...report.instrument.warnings.map((warning) => `  ${colors.yellow('WARN')}     ${clip(warning)}`),
    ...settingLines(report, colors),
    accountingTable(report, colors),
    latencyTable(report, colors),
    throughput(report),
    ...instrumentLines(report.instrument),
    verdict(report, colors),
    '',
  ].join('\n');
}

function settingLines({ options, requests }: LoadReport, colors: Colors): string[] {
  const model = modelOf(options);
  const lines = [
    ...(options.scenario ? [['scenario', `${options.scenario.name}: ${options.scenario.about}`]] : []),
    ['target', options.targetUrl],
    ['load', `${count(requests.sent)} requests × ${count(options.data)} postbacks, ${options.method}`],
    ['model', `${model}, ${counted(options.scenario?.connections ?? options.connections, 'connection')}`],
    ['sink', sinkLine(options)],
    ['answers', answers(requests.answers)],
  ];
  return lines.map(([name = '', value = '']) => `  ${colors.dim(name.padEnd(9))}${clip(value)}`);
}

function modelOf({ scenario, rate }: LoadReport['options']): string {
  if (scenario) return scenario.phases.map((phase) => `${phase.name} ${paceOf(phase.rate)}`).join(', ');
  return rate === null ? 'closed loop' : `open model, ${count(rate)} requests/s`;
}

function paceOf(rate: number | null): string {
  return rate === null ? 'as answered' : `${rate}/s`;
}

function findingLines({ findings }: LoadReport, colors: Colors): string[] {
  return findings.map((finding) => {
    const word = finding.isKept ? colors.green('pass') : colors.red('FAIL');
    return `  ${word}     ${clip(findingText(finding))}`;
  });
}

function sinkLine({ sinkUrl, sinkBehaviour }: LoadReport['options']): string {
  const { dropShare, duplicateShare, delayMs } = sinkBehaviour;
  const tricks = [
    dropShare > 0 && `drops ${percent(dropShare)}`,
    duplicateShare > 0 && `duplicates ${percent(duplicateShare)}`,
    delayMs > 0 && `delays ${delayMs} ms`,
  ].filter((trick) => trick !== false);
  return [sinkUrl, ...tricks].join(', ');
}

function answers(byName: Readonly<Record<string, number>>): string {
  return Object.entries(byName)
    .map(([name, requests]) => `${name} × ${count(requests)}`)
    .join(', ');
}

function accountingTable({ accounting, options }: LoadReport, colors: Colors): string {
  const { examples, ...counts } = accounting;
  const bad = (value: number) => (value > 0 ? colors.red : colors.green);
  const note = (value: number) => (value > 0 ? colors.yellow : plain);
  const seqs = (list: readonly number[]) => (list.length === 0 ? '' : `, first: seq ${list.join(' ')}`);
  const [mismatch] = examples.idMismatch;
  const wrong = mismatch ? `, first: seq ${mismatch.seq} as ${mismatch.arrived ?? 'none'}` : '';
  const rows: [string, number, (text: string) => string, string][] = [
    ['attempted', counts.attempted, plain, `sent in requests of ${options.data}`],
    ['accepted', counts.accepted, plain, 'answered 202'],
    ['rejected', counts.rejected, note(counts.rejected), 'answered with an error'],
    ['unknown', counts.unknown, note(counts.unknown), 'no answer'],
    ['delivered', counts.delivered, plain, 'accepted and arrived'],
    ['lost', counts.lost, bad(counts.lost), `accepted, never arrived${seqs(examples.lost)}`],
    ['duplicated', counts.duplicated, note(counts.duplicated), 'arrivals beyond the first'],
    ['recovered', counts.recovered, plain, 'not acknowledged, yet arrived'],
    ['unexpected', counts.unexpected, bad(counts.unexpected), `arrived, never sent${seqs(examples.unexpected)}`],
    ['id mismatch', counts.idMismatch, bad(counts.idMismatch), `Postback-Id differs from ids[]${wrong}`],
  ];
  const table = newTable(['postbacks', 'count', '']);
  for (const [name, value, color, meaning] of rows) {
    table.push([name, { content: color(count(value)), hAlign: 'right' }, colors.dim(clip(meaning, MEANING_WIDTH))]);
  }
  return table.toString();
}

function latencyTable({ latencyMs, scenario }: LoadReport, colors: Colors): string {
  const table = newTable(['latency in ms', 'p50', 'p90', 'p99', 'p99.9', 'max']);
  const row = (name: string, latency: Latency | null) => {
    const values = latency
      ? [latency.p50, latency.p90, latency.p99, latency.p999, latency.max]
      : Array<null>(5).fill(null);
    const cells = values.map((value) => (value === null ? colors.dim('–') : milliseconds(value)));
    table.push([name, ...cells.map((content) => ({ content, hAlign: 'right' as const }))]);
  };
  row('ingest: due → answer', latencyMs.ingest);
  row('end to end: due → at the sink', latencyMs.endToEnd);
  for (const { phase, group, endToEnd } of scenario?.parts ?? []) row(clip(`  ${group} in ${phase}`, 32), endToEnd);
  return table.toString();
}

function throughput({ throughput: rates, firstRequestToLastDeliveryMs: totalMs }: LoadReport): string {
  const total = totalMs === null ? 'nothing was delivered' : `${milliseconds(totalMs)} ms`;
  return [
    `  accepted ${count(Math.round(rates.acceptedPerSecond))}/s, delivered ${count(Math.round(rates.deliveredPerSecond))}/s`,
    `  first request to last delivery: ${total}`,
  ].join('\n');
}

function instrumentLines({ generator, sink, direct }: LoadReport['instrument']): string[] {
  const part = (name: string, { busyShare, ceilingPerSecond }: Effort) =>
    `${name} busy ${percentOf(busyShare)}, ceiling ${ceilingPerSecond === null ? '–' : count(Math.round(ceilingPerSecond))}/s`;
  const line = (name: string, efforts: Readonly<Record<'generator' | 'sink', Effort>>) =>
    `  ${name}: ${part('generator', efforts.generator)}; ${part('sink', efforts.sink)}`;
  const between = direct ? [line(`nothing between: ${count(Math.round(direct.perSecond))}/s`, direct)] : [];
  return [line('instrument', { generator, sink }), ...between];
}

function verdict({ verdict: { passed, faults }, accounting }: LoadReport, colors: Colors): string {
  if (!passed) return `${colors.red(colors.bold('FAIL'))}  ${faults.join(', ')}`;
  return `${colors.green(colors.bold('PASS'))}  lost 0: all ${count(accounting.accepted)} accepted postbacks arrived`;
}

const WIDTH = 100;
const MEANING_WIDTH = 68;

/** cli-table3 colours heads and borders itself unless told not to. */
function newTable(head: string[]) {
  return new Table({ head, style: { head: [], border: [], compact: true } });
}

function clip(text: string, width = WIDTH - 12): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(4))} %`;
}

function milliseconds(value: number): string {
  const digits = value < 10 ? 2 : value < 1_000 ? 1 : 0;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function plain(text: string): string {
  return text;
}
