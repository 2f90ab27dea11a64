/**
 * Counts by short names, as they are kept in Redis: a line `a=12,d=11,t31=4`. Lines add up name by name, in a script too
 * (queue/scripts/recordStats.ts). Pure.
 */
export type Tally = ReadonlyMap<string, number>;

/** What the names mean; those of buckets have the bucket's number behind them, those of the dead the reason. */
export const TALLY = {
  accepted: 'a',
  delivered: 'd',
  failed: 'f',
  dead: 'x',
  deadBecause: 'x:',
  /** Sums in µs over all attempts; of the queue wait only first attempts know, so they are counted too. */
  queueWaitUs: 'w',
  queueWaits: 'W',
  dnsUs: 'n',
  connectUs: 'c',
  firstByteUs: 'b',
  restUs: 'r',
  endToEndBucket: 'e',
  responseBucket: 't',
} as const;

export function formatTally(counts: Iterable<readonly [name: string, count: number]>): string {
  const parts: string[] = [];
  for (const [name, count] of counts) if (count > 0) parts.push(`${name}=${count}`);
  return parts.join(',');
}

/** Adds a line to what has been counted so far; what is no count is passed over. */
export function addTally(into: Map<string, number>, line: string): void {
  for (const part of line.split(',')) {
    const at = part.lastIndexOf('=');
    const count = Number(part.slice(at + 1));
    if (at > 0 && Number.isFinite(count)) into.set(part.slice(0, at), (into.get(part.slice(0, at)) ?? 0) + count);
  }
}

/** Of the names `<head><bucket>`. */
export function bucketsIn(tally: Tally, head: string): Map<number, number> {
  const found = new Map<number, number>();
  for (const [name, count] of tally) {
    const bucket = name.startsWith(head) ? Number(name.slice(head.length)) : NaN;
    if (Number.isInteger(bucket) && name.length > head.length) found.set(bucket, count);
  }
  return found;
}
