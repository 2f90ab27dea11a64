/** Tables of the documentation: Markdown, numbers to the right, a median with what the runs ranged over. */
import type { Spread } from './summary.js';

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)];
}

/** The median, and what the runs ranged over. */
export function spread({ median, min, max }: Spread, digits: number): string {
  const text = (value: number) =>
    value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  if (max === 0) return '–'; // there is none, such as the floor's worker
  return min === max ? text(median) : `${text(median)} (${text(min)}–${text(max)})`;
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
