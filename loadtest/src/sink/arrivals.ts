/**
 * The form in which arrivals travel from the sink to the generator: one JSON array a line, `[seq, count, firstArrivalAt, ids]`,
 * written and read in pieces, since a long run has millions of them.
 */
import type { Arrival } from '../ledger.js';
import type { Run } from './runs.js';

const LINES_PER_CHUNK = 500;

export function* arrivalLines(run: Run): Generator<string> {
  let lines: string[] = [];
  for (const [seq, { count, firstArrivalAt, ids }] of run.seqs) {
    if (count === 0) continue; // attempted, never taken
    lines.push(`${JSON.stringify([seq, count, firstArrivalAt, ids])}\n`);
    if (lines.length < LINES_PER_CHUNK) continue;
    yield lines.join('');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('');
}

/** @throws SyntaxError for a line that is not what `arrivalLines` writes, such as a cut one */
export async function readArrivals(chunks: AsyncIterable<string>): Promise<Arrival[]> {
  const arrivals: Arrival[] = [];
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) arrivals.push(parseArrival(line));
  }
  if (rest !== '') throw new SyntaxError('the list of arrivals ends in the middle of a line');
  return arrivals;
}

function parseArrival(line: string): Arrival {
  const [seq, count, firstArrivalAt, ids] = JSON.parse(line) as [number, number, number, (string | null)[]];
  return { seq, count, firstArrivalAt, ids };
}
