/** What `make test-crash ARGS="…"` was asked for. */
import { parseArgs } from 'node:util';
import { parseDurationMs } from '@postback/core/settings';

export interface CrashOptions {
  /** The version of a minute, for every change. */
  readonly short: boolean;
  /** Write the table to docs/reliability.md. */
  readonly write: boolean;
  /** Only these scenarios, by id. */
  readonly only: readonly string[];
  /** Instead of the scenarios: load and kills for so long, and the heap at a quarter of the time against the end. */
  readonly soakMs: number | undefined;
}

/** @throws when there is an option that it does not know */
export function parseCrashOptions(args: string): CrashOptions {
  const { values } = parseArgs({
    args: args.split(/\s+/).filter(Boolean),
    options: {
      short: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      soak: { type: 'string' },
    },
  });
  const { short, write, only, soak } = values;
  return {
    short,
    write,
    only: only.split(',').filter(Boolean),
    soakMs: soak === undefined ? undefined : parseDurationMs(soak),
  };
}
