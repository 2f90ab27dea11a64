/** `upgrade`: the supervisor replaces the services one by one with what is built now; nothing is lost or refused meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signal } from './processIdentity.js';
import { StackError } from './stackError.js';
import { readRunningState } from './stackState.js';
import { reportReady, type UpDeps } from './up.js';

/** 64 replicas, each with time to start and to drain; a stack that is stuck says so itself, much earlier. */
const UPGRADE_TIMEOUT_MS = 30 * 60_000;

export async function upgrade(deps: UpDeps): Promise<void> {
  const { layout, report } = deps;
  const before = readRunningState(layout);
  if (!before) throw new StackError('the local stack is not running: make up');
  report('replacing the services one by one ...');
  signal(before.supervisor, 'SIGUSR2');
  const deadline = performance.now() + UPGRADE_TIMEOUT_MS;
  for (;;) {
    const now = readRunningState(layout);
    if (!now) throw new StackError('the supervisor has ended; see .local/logs/supervisor.log');
    if (now.generation !== before.generation) break;
    if (performance.now() > deadline)
      throw new StackError('not through after 30 minutes; see .local/logs/supervisor.log');
    await sleep(100);
  }
  const fault = readRunningState(layout)?.fault;
  if (fault !== undefined) throw new StackError(`the upgrade stopped: ${fault}`);
  await reportReady(deps);
}
