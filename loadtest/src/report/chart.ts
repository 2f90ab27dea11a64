/** Line charts as SVG text: self-contained, readable in light and dark, with the values named in words beside the lines. */
import type { Line } from './series.js';

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  /** Powers of ten for what spans orders of magnitude. */
  readonly yScale: 'linear' | 'log';
  /** What stands at a tick of the x axis; by default its number. */
  readonly xTick?: (x: number) => string;
}

const SIZE = { width: 860, height: 300, left: 64, right: 16, top: 40, bottom: 44 };
/** Distinct for colour-blind readers as well (Okabe and Ito), and on both backgrounds. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f7f7f', '#b8a800'];
const LOG_FLOOR = 0.1;
/** Half of the width of a long tick, such as 99.999 %: at the edge it would be cut off. */
const TICK_HALF = 28;

export function drawChart(chart: Chart): string {
  const drawn = chart.lines.filter(({ points }) => points.length > 0);
  const x = xScale(drawn);
  const y = chart.yScale === 'log' ? logScale(drawn) : linearScale(drawn);
  const { width, height, left, right, top, bottom } = SIZE;
  const grid = y.ticks.map(
    (value) =>
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${y.at(value)}" y2="${y.at(value)}"/>` +
      `<text class="tick" x="${left - 6}" y="${y.at(value) + 4}" text-anchor="end">${label(value)}</text>`,
  );
  const xTicks = x.ticks.map(
    (value) =>
      `<text class="tick" x="${x.at(value)}" y="${height - bottom + 18}" text-anchor="${x.at(value) > width - right - TICK_HALF ? 'end' : 'middle'}">${escape((chart.xTick ?? label)(value))}</text>`,
  );
  const paths = drawn.map(({ points }, index) => {
    const d = points.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${x.at(px)} ${y.at(py)}`).join('');
    return `<path d="${d}" fill="none" stroke="${colorOf(index)}" stroke-width="1.6"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + legendHeight(drawn)}" role="img" aria-label="${escape(chart.title)}">`,
    `<style>text{font:12px system-ui,sans-serif;fill:#555}.title{font-size:14px;font-weight:600;fill:#222}.grid{stroke:#8884}` +
      `.paper{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#aaa}.title{fill:#eee}.paper{fill:#16181d}}</style>`,
    `<rect class="paper" width="${width}" height="${height + legendHeight(drawn)}"/>`,
    `<text class="title" x="${left}" y="22">${escape(chart.title)}</text>`,
    `<text x="${width - right}" y="${height - 8}" text-anchor="end">${escape(chart.xLabel)}</text>`,
    `<text x="${left - 6}" y="${top - 14}" text-anchor="end">${escape(chart.yLabel)}</text>`,
    ...grid,
    ...xTicks,
    ...paths,
    ...legend(drawn),
    '</svg>',
  ].join('\n');
}

interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

function xScale(lines: readonly Line[]): Scale {
  const max = maxOf(lines, 0) || 1;
  const { width, left, right } = SIZE;
  return { at: (value) => round(left + (value / max) * (width - left - right)), ticks: niceTicks(max) };
}

function linearScale(lines: readonly Line[]): Scale {
  const ticks = niceTicks(maxOf(lines, 1) || 1);
  const max = Math.max(maxOf(lines, 1), ticks.at(-1) ?? 1);
  return { at: (value) => round(fromBottom(value / max)), ticks };
}

function logScale(lines: readonly Line[]): Scale {
  const values = lines.flatMap(({ points }) => points.map(([, value]) => Math.max(value, LOG_FLOOR)));
  const [low, high] = values.reduce(([min, max], value) => [Math.min(min, value), Math.max(max, value)], [1, 10]);
  const from = Math.floor(Math.log10(low));
  const to = Math.ceil(Math.log10(high));
  const ticks = Array.from({ length: to - from + 1 }, (_, step) => 10 ** (from + step));
  return {
    at: (value) => round(fromBottom((Math.log10(Math.max(value, LOG_FLOOR)) - from) / (to - from))),
    ticks,
  };
}

function fromBottom(share: number): number {
  const { height, top, bottom } = SIZE;
  return height - bottom - share * (height - top - bottom);
}

function niceTicks(max: number): number[] {
  const rough = max / 8;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  return Array.from({ length: Math.floor(max / step) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

const LEGEND_COLUMNS = 4;

function legendHeight(lines: readonly Line[]): number {
  return Math.ceil(lines.length / LEGEND_COLUMNS) * 20;
}

function legend(lines: readonly Line[]): string[] {
  const column = (SIZE.width - SIZE.left) / LEGEND_COLUMNS;
  return lines.map(({ name }, index) => {
    const x = SIZE.left + (index % LEGEND_COLUMNS) * column;
    const y = SIZE.height + 12 + Math.floor(index / LEGEND_COLUMNS) * 20;
    return (
      `<rect x="${x}" y="${y - 8}" width="14" height="4" fill="${colorOf(index)}"/>` +
      `<text x="${x + 20}" y="${y}">${escape(name)}</text>`
    );
  });
}

function colorOf(index: number): string {
  return COLORS[index % COLORS.length] as string;
}

function maxOf(lines: readonly Line[], axis: 0 | 1): number {
  return lines.reduce((max, { points }) => points.reduce((most, point) => Math.max(most, point[axis]), max), 0);
}

function label(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
