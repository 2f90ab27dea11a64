/** `supervise`: the background process that `up` starts. Wires the supervisor to its signals. */
import { createLogger } from '@postback/core/logger';
import type { Layout } from './layout.js';
import { readReplicas } from './scale.js';
import type { LocalConfig } from './settings.js';
import { Supervisor } from './supervisor.js';

interface SuperviseOptions {
  readonly layout: Layout;
  readonly config: LocalConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly node: string;
}

export async function supervise(options: SuperviseOptions): Promise<void> {
  const { layout, config } = options;
  const logger = createLogger('supervisor', 'info');
  const supervisor = new Supervisor({ ...options, logger });

  // One change at a time: a stop waits for a scale that is under way.
  let turn = supervisor.start(readReplicas(layout, config));
  const inTurn = (change: () => Promise<void>) => {
    turn = turn.then(change);
  };
  process.on('SIGHUP', () => inTurn(() => supervisor.scale(readReplicas(layout, config))));
  process.on('SIGUSR2', () => inTurn(() => supervisor.upgrade()));
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => inTurn(() => supervisor.stop().then(() => process.exit(0))));
  }
  await turn;
}
