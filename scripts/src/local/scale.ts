/** `scale`: other replica counts for a stack that runs, without a restart. */
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from './layout.js';
import { signal } from './processIdentity.js';
import type { LocalConfig } from './settings.js';
import { StackError } from './stackError.js';
import { readRunningState } from './stackState.js';
import type { Replicas } from './supervisor.js';
import { reportReady, type UpDeps } from './up.js';

/** A replica that goes takes up to 15 s for it. */
const SCALE_TIMEOUT_MS = 60_000;

export async function scale(deps: UpDeps): Promise<void> {
  const { layout, config, report } = deps;
  const before = readRunningState(layout);
  if (!before) throw new StackError('the local stack is not running: make up');
  writeFileSync(layout.replicasFile, JSON.stringify(replicasOf(config)));
  report(`scaling to ${config.INGEST_REPLICAS} ingest and ${config.DELIVERY_REPLICAS} delivery ...`);
  signal(before.supervisor, 'SIGHUP');

  const deadline = performance.now() + SCALE_TIMEOUT_MS;
  while (readRunningState(layout)?.generation === before.generation) {
    if (performance.now() > deadline)
      throw new StackError('the supervisor did not scale; see .local/logs/supervisor.log');
    await sleep(50);
  }
  await reportReady(deps);
}

/** What was asked for last: by `scale`, else by the settings. */
export function readReplicas(layout: Layout, config: LocalConfig): Replicas {
  if (!existsSync(layout.replicasFile)) return replicasOf(config);
  return JSON.parse(readFileSync(layout.replicasFile, 'utf8')) as Replicas;
}

function replicasOf(config: LocalConfig): Replicas {
  return { ingest: config.INGEST_REPLICAS, delivery: config.DELIVERY_REPLICAS };
}
