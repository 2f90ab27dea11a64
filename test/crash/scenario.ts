/** What a scenario is, and the row of the table that it becomes. */
import type { Ledger } from '../../loadtest/src/ledger.js';
import type { Account } from './account.js';
import type { CrashStack, StackOptions } from './crashStack.js';

export interface Scenario {
  /** Number in the list of scenarios, with a letter where one has several parts. */
  readonly id: string;
  readonly title: string;
  /** Also part of the short version. */
  readonly isShort?: boolean;
  /** A proof of the harness: this run must be reported as failed, with this in its faults. */
  readonly mustFail?: RegExp;
  run(tools: Tools): Promise<Outcome>;
}

export interface Tools {
  /** The number for the full version or the short one. */
  readonly pick: (full: number, short: number) => number;
  /** A stack that is ended after the scenario, whatever happens. */
  readonly createStack: (options?: StackOptions) => Promise<CrashStack>;
}

export interface Outcome {
  readonly account: Account;
  /** Beyond those of the account. */
  readonly faults?: readonly string[];
  /** What was done, in numbers. */
  readonly note: string;
}

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly ledger: Ledger;
  readonly dead: number;
  readonly drainSeconds: number;
  readonly verdict: string;
  readonly note: string;
}

export function rowOf({ id, title, mustFail }: Scenario, { account, faults = [], note }: Outcome): Row {
  const all = [...account.faults, ...faults];
  const passed = all.length === 0 ? 'passed' : `FAILED: ${all.join('; ')}`;
  const isProven = mustFail !== undefined && all.some((fault) => mustFail.test(fault));
  const proof = isProven ? `reported, as it must: ${all.join('; ')}` : 'FAILED: the fault was not noticed';
  const { ledger, dead, drainSeconds } = account;
  return { id, title, ledger, dead, drainSeconds, note, verdict: mustFail ? proof : passed };
}

/** The books cannot say more than this about a kill: what the killed worker held may come twice. */
export function faultIfMore(what: string, count: number, limit: number): string[] {
  return count > limit ? [`${count} ${what}, at most ${limit} were allowed`] : [];
}
