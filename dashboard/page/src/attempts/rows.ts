/** The rows that are shown: new ones on top, each once, and no more than one can scroll through. Pure. */
import type { Attempt } from '../api/types.js';

export const MAX_ROWS = 500;

export function keyOf({ postbackId, attempt, endedAt }: Attempt): string {
  return `${postbackId}/${attempt}/${endedAt}`;
}

/** Both newest first or not: what comes live and what was read may overlap. */
export function addRows(rows: readonly Attempt[], more: readonly Attempt[], limit = MAX_ROWS): Attempt[] {
  const known = new Map([...more, ...rows].map((row) => [keyOf(row), row]));
  return [...known.values()].sort(newestFirst).slice(0, limit);
}

function newestFirst(a: Attempt, b: Attempt): number {
  if (a.endedAt !== b.endedAt) return a.endedAt < b.endedAt ? 1 : -1;
  return a.postbackId < b.postbackId ? 1 : -1;
}
