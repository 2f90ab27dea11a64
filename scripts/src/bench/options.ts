/** What `make bench ARGS="…"` was asked for. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** One run of each, `everysec` only: three minutes at most. */
  readonly quick: boolean;
  /** Write docs/performance.md and bench.json. */
  readonly write: boolean;
}

/** @throws when there is an option that it does not know */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
  });
  return values;
}
