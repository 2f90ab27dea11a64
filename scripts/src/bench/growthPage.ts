/** What growth costs, as tables: for the terminal, and between the markers of docs/performance.md. */
import { DIMENSIONS, type Dimension, type GrowthResult } from './growth.js';
import { spread, table, whole } from './table.js';

const HEADS: Readonly<Record<Dimension, string>> = {
  endpoints: 'distinct endpoints on one host',
  hosts: 'distinct hosts',
  workers: 'delivery processes',
  bytes: 'bytes of each object, sent by POST',
};

export function renderGrowth({ rows, failures }: GrowthResult, about: string): string {
  const tables = DIMENSIONS.flatMap((dimension) => {
    const own = rows.filter((row) => row.dimension === dimension);
    const cells = own.map(({ size, postbacksPerSecond, cpuUs, workerRssMb }) => [
      whole(size),
      spread(postbacksPerSecond, 0),
      spread(cpuUs, 0),
      whole(workerRssMb),
    ]);
    return own.length === 0 ? [] : [...table([HEADS[dimension], 'postbacks/s', 'CPU µs', 'workers MB'], cells), ''];
  });
  return [about, '', ...failures.map((failure) => `**Failed**: ${failure}\n`), ...tables].join('\n');
}
