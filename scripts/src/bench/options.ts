/** What `make bench ARGS="…"` was asked for. */
import { parseArgs } from 'node:util';
import { SYSTEM_NAMES, type SystemName } from './system.js';

export const SIZES = ['quick', 'medium', 'full'] as const;
export type Size = (typeof SIZES)[number];

export interface BenchOptions {
  readonly size: Size;
  /** Measure how cost grows with endpoints, hosts, workers and payloads, in place of the comparison. */
  readonly growth: boolean;
  /** Write docs/performance.md and bench.json. */
  readonly write: boolean;
  /** Only this system; null: all of them. */
  readonly only: SystemName | null;
}

export class BenchUsageError extends Error {
  readonly code = 'BAD_OPTION';
}

/** @throws BenchUsageError when there is an option that it does not know */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { quick, medium, growth, write, only } = readArguments(args);
  if (quick && medium) throw new BenchUsageError('--quick and --medium exclude each other');
  const system = SYSTEM_NAMES.find((name) => name === only);
  if (only !== undefined && !system) throw new BenchUsageError(`--only: expected one of ${SYSTEM_NAMES.join(', ')}`);
  if (write && system) throw new BenchUsageError('--write and --only exclude each other: a table compares');
  if (growth && system) throw new BenchUsageError('--growth and --only exclude each other: growth is ours alone');
  return { size: quick ? 'quick' : medium ? 'medium' : 'full', growth, write, only: system ?? null };
}

function readArguments(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const options = { quick: flag, medium: flag, growth: flag, write: flag, only: { type: 'string' } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new BenchUsageError((cause as Error).message, { cause });
  }
}
