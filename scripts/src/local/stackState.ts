/**
 * What runs: written by the supervisor at every change, read by every command. Its file is there while a stack runs, and after a crash
 * of the supervisor, so that what it left behind can still be found and stopped.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Layout } from './layout.js';
import { isAlive, type ProcessIdentity } from './processIdentity.js';

export interface RunningService {
  readonly name: string;
  readonly process: ProcessIdentity | undefined;
  /** Answers 200 when the service is ready. */
  readonly readyUrl: string | undefined;
}

export interface StackState {
  readonly supervisor: ProcessIdentity;
  readonly baseUrl: string;
  readonly sinkUrl: string;
  /** What delivery was started with; empty: the resolvers of the system. */
  readonly dnsServers: string;
  readonly services: readonly RunningService[];
  /** `undefined`: Redis is not ours. */
  readonly redisPort: number | undefined;
  /** Raised when `make scale` or `make upgrade` is through, so that they know it. */
  readonly generation: number;
  /** Why the last upgrade stopped halfway. */
  readonly fault?: string | undefined;
}

export function readState(layout: Layout): StackState | undefined {
  if (!existsSync(layout.stateFile)) return undefined;
  return JSON.parse(readFileSync(layout.stateFile, 'utf8')) as StackState;
}

/** The state of a stack whose supervisor lives. */
export function readRunningState(layout: Layout): StackState | undefined {
  const state = readState(layout);
  return state && isAlive(state.supervisor) ? state : undefined;
}

/** By rename: a reader sees the old one or the new one, never half of it. */
export function writeState(layout: Layout, state: StackState): void {
  const next = `${layout.stateFile}.next`;
  writeFileSync(next, JSON.stringify(state, undefined, 2));
  renameSync(next, layout.stateFile);
  writeFileSync(layout.pidFile, String(state.supervisor.pid));
}

export function removeState(layout: Layout): void {
  rmSync(layout.stateFile, { force: true });
  rmSync(layout.pidFile, { force: true });
}
