/**
 * The local stack's commands: `up down reset scale upgrade backup restore logs loadtest operate base-url sink-url`; `install`, which
 * only gets redis-server and nginx;
 * `supervise`, which `up` starts. Wiring only.
 */
import { rmSync } from 'node:fs';
import { loadConfig } from '@postback/core/config';
import { loadtest, logs, operate } from './local/children.js';
import { down } from './local/down.js';
import { layoutOf, repositoryRoot } from './local/layout.js';
import { scale } from './local/scale.js';
import { parseLocalConfig, readEnvironment } from './local/settings.js';
import { StackError } from './local/stackError.js';
import { readRunningState, type StackState } from './local/stackState.js';
import { supervise } from './local/supervise.js';
import { ensurePrograms } from './local/systemPackages.js';
import { backup, restore } from './local/backup.js';
import { upgrade } from './local/upgrade.js';
import { up, type UpDeps } from './local/up.js';

type Command = (deps: UpDeps, args: readonly string[]) => Promise<number | void> | void;

const commands: Readonly<Record<string, Command>> = {
  up,
  'demo-up': up, // the sink is always there
  down,
  scale,
  upgrade,
  backup,
  restore,
  logs,
  loadtest,
  operate,
  reset: async (deps) => {
    await down(deps);
    rmSync(deps.layout.stateDir, { recursive: true, force: true });
  },
  'base-url': (deps) => deps.report(runningState(deps).baseUrl),
  'sink-url': (deps) => deps.report(runningState(deps).sinkUrl),
  install: ({ layout, report }) => ensurePrograms(['redis-server', 'nginx'], layout.root, report),
  supervise: (deps, [node = process.execPath]) => supervise({ ...deps, node }),
};

async function main([verb = '', ...args]: readonly string[]): Promise<void> {
  const command = commands[verb];
  if (!command) throw new StackError(`usage: localStack ${Object.keys(commands).join('|')}`);
  const env = readEnvironment(repositoryRoot, process.env);
  const report = (line: string) => void process.stdout.write(`${line}\n`);
  const deps = {
    layout: layoutOf(repositoryRoot),
    config: loadConfig(() => parseLocalConfig(env)),
    env: { ...env },
    report,
  };
  process.exitCode = (await command(deps, args)) ?? 0;
}

function runningState({ layout }: UpDeps): StackState {
  const state = readRunningState(layout);
  if (!state) throw new StackError('the local stack is not running: make up');
  return state;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof StackError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
