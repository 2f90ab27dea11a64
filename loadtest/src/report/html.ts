/** The report as one HTML file that opens offline: verdict first, then the bounds, charts, accounting, configuration, machine. */
import type { Latency } from '../latency.js';
import { drawChart, escape } from './chart.js';
import { findingText } from './findings.js';
import { percentOf, type Effort } from './instrument.js';
import type { LoadReport } from './report.js';

export function renderHtml(report: LoadReport): string {
  const title = `Load test ${report.scenario?.name ?? report.run}`;
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escape(title)}</title><style>${STYLE}</style>`,
    `<h1>${escape(title)}: ${verdict(report)}</h1>`,
    ...report.verdict.faults.map((fault) => `<p class="fail">${escape(fault)}</p>`),
    `<p>${escape(report.scenario?.about ?? 'One load on one destination.')} Started ${escape(report.startedAt)}.</p>`,
    ...report.instrument.warnings.map((warning) => `<p class="fail">${escape(warning)}</p>`),
    bounds(report),
    ...charts(report),
    table('Accounting, in postbacks', accountingRows(report)),
    table('Latency in ms', latencyRows(report), ['', 'count', 'p50', 'p90', 'p99', 'p99.9', 'max']),
    table('Answers', Object.entries(report.requests.answers)),
    table('Configuration', configurationRows(report)),
    table('Instrument', instrumentRows(report), ['', 'busy', 'ceiling per s']),
    table('Machine', Object.entries(report.machine)),
    '</html>',
  ].join('\n');
}

const STYLE = `
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:920px;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:0 0 1.5rem}td,th{padding:.15rem .8rem .15rem 0;text-align:left;border-bottom:1px solid #8883}
td{overflow-wrap:anywhere}td.n{white-space:nowrap;text-align:right;font-variant-numeric:tabular-nums}svg{width:100%;height:auto;margin:0 0 1.5rem}
.pass{color:#0a7d38}.fail{color:#c8202f}h2{font-size:1.05rem;margin:1.5rem 0 .3rem}`;

function verdict({ verdict: { passed } }: LoadReport): string {
  return passed ? '<span class="pass">passed</span>' : '<span class="fail">failed</span>';
}

function bounds({ findings }: LoadReport): string {
  if (findings.length === 0) return '';
  const items = findings.map((finding) => {
    const name = finding.isKept ? 'pass' : 'fail';
    return `<li><b class="${name}">${name}</b> ${escape(findingText(finding))}</li>`;
  });
  return `<h2>Bounds</h2><ul>${items.join('')}</ul>`;
}

const overTime = { xLabel: 'seconds since the first request', yScale: 'linear' } as const;

/** What `--svg` writes. */
export function drawLatency({ latency }: LoadReport['series']): string {
  return drawChart({ ...overTime, title: 'End-to-end latency over time', yLabel: 'ms', yScale: 'log', lines: latency });
}

function charts({ series }: LoadReport): string[] {
  return [
    drawLatency(series),
    drawChart({
      title: 'End-to-end latency by percentile',
      xLabel: 'percentile',
      yLabel: 'ms',
      yScale: 'log',
      lines: series.percentiles,
      xTick: (nines) => (Number.isInteger(nines) ? percentileOf(nines) : ''),
    }),
    drawChart({ ...overTime, title: 'Throughput', yLabel: 'per s', lines: series.throughput }),
    drawChart({ ...overTime, title: 'Backlog', yLabel: 'postbacks', lines: series.backlog }),
  ];
}

function percentileOf(nines: number): string {
  return nines === 0 ? '0 %' : `${Number((100 * (1 - 10 ** -nines)).toPrecision(nines + 2))} %`;
}

type Row = readonly (string | number)[];

function table(title: string, rows: readonly Row[], head: readonly string[] = []): string {
  const cells = (row: Row) =>
    row.map((cell) =>
      typeof cell === 'number' ? `<td class="n">${cell.toLocaleString('en-US')}</td>` : `<td>${escape(cell)}</td>`,
    );
  const heading = head.length === 0 ? '' : `<tr>${head.map((name) => `<th>${escape(name)}</th>`).join('')}</tr>`;
  return `<h2>${escape(title)}</h2><table>${heading}${rows.map((row) => `<tr>${cells(row).join('')}</tr>`).join('')}</table>`;
}

function accountingRows({ accounting }: LoadReport): Row[] {
  return Object.entries(accounting).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : []));
}

function latencyRows({ latencyMs, scenario }: LoadReport): Row[] {
  const row = (name: string, latency: Latency | null): Row[] => {
    if (!latency) return [];
    const { count, p50, p90, p99, p999, max } = latency;
    return [[name, count, ...[p50, p90, p99, p999, max].map((ms) => Number(ms.toPrecision(4)))]];
  };
  const parts = scenario?.parts ?? [];
  return [
    ...row('ingest: due to answer', latencyMs.ingest),
    ...row('end to end', latencyMs.endToEnd),
    ...parts.flatMap(({ phase, group, endToEnd }) => row(`${group} in ${phase}`, endToEnd)),
  ];
}

function instrumentRows({ instrument: { generator, sink, direct } }: LoadReport): Row[] {
  const row = (name: string, { busyShare, ceilingPerSecond }: Effort): Row => [
    name,
    percentOf(busyShare),
    ceilingPerSecond === null ? '–' : Math.round(ceilingPerSecond),
  ];
  const own = [row('generator, requests', generator), row('sink, deliveries', sink)];
  if (!direct) return own;
  return [...own, row('generator, nothing between', direct.generator), row('sink, nothing between', direct.sink)];
}

function configurationRows({ options: { scenario, ...options } }: LoadReport): Row[] {
  const named = { ...options, scenario: scenario?.name ?? null };
  return Object.entries(named).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}
