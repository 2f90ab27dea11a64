/** `down`: stops the stack, all of it and nothing else; what is queued stays in `.local/redis`. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from './layout.js';
import { isAlive, signal, type ProcessIdentity } from './processIdentity.js';
import { STOP_ORDER } from './serviceSpecs.js';
import { readState, removeState, type StackState } from './stackState.js';

export interface DownDeps {
  readonly layout: Layout;
  readonly report: (line: string) => void;
}

/** The groups are stopped one after the other, each with up to 15 s before SIGKILL. */
const SUPERVISOR_TIMEOUT_MS = 60_000;
const LEFTOVER_TIMEOUT_MS = 15_000;

export async function down({ layout, report }: DownDeps): Promise<void> {
  const state = readState(layout);
  if (!state) return report('the local stack is not running');
  report('stopping the local stack ...');
  signal(state.supervisor, 'SIGTERM');
  await awaitGone([state.supervisor], SUPERVISOR_TIMEOUT_MS);
  await stopLeftovers(readState(layout) ?? state);
  removeState(layout);
  report('stopped');
}

/** What a supervisor that was killed could not stop. */
async function stopLeftovers(state: StackState): Promise<void> {
  for (const group of STOP_ORDER) {
    const members = state.services.filter(({ name }) => group.test(name));
    const processes = members.flatMap((service) => service.process ?? []);
    for (const process of processes) signal(process, 'SIGTERM');
    await awaitGone(processes, LEFTOVER_TIMEOUT_MS);
  }
}

/** Whoever is still there when the time is up is killed. */
async function awaitGone(processes: readonly ProcessIdentity[], timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (processes.some(isAlive)) {
    if (performance.now() > deadline) return processes.forEach((process) => signal(process, 'SIGKILL'));
    await sleep(50);
  }
}
