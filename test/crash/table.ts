/** The rows as a Markdown table, for the terminal and for docs/reliability.md. */
import type { Row } from './scenario.js';

const COLUMNS: readonly (readonly [heading: string, read: (row: Row) => string | number])[] = [
  ['', ({ id }) => id],
  ['scenario', ({ title }) => title],
  ['attempted', ({ ledger }) => ledger.attempted],
  ['accepted', ({ ledger }) => ledger.accepted],
  ['delivered', ({ ledger }) => ledger.delivered],
  ['dead', ({ dead }) => dead],
  ['lost', ({ ledger }) => ledger.lost],
  ['duplicated', ({ ledger }) => ledger.duplicated],
  ['recovered', ({ ledger }) => ledger.recovered],
  ['unexpected', ({ ledger }) => ledger.unexpected],
  ['drain s', ({ drainSeconds }) => drainSeconds.toFixed(1)],
  ['verdict', ({ verdict }) => verdict],
  ['what was done', ({ note }) => note],
];

export function renderTable(rows: readonly Row[]): string {
  const cells = [COLUMNS.map(([heading]) => heading), ...rows.map((row) => COLUMNS.map(([, read]) => `${read(row)}`))];
  const widths = COLUMNS.map((_, column) => Math.max(3, ...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}
