/** Where the local stack keeps things: everything under `.local/` in the repository, nothing elsewhere. */
import { join, resolve } from 'node:path';

export interface Layout {
  readonly root: string;
  readonly stateDir: string;
  /** What runs and where, written by the supervisor. */
  readonly stateFile: string;
  /** The supervisor's process id, for scripts/engine.sh. */
  readonly pidFile: string;
  /** Replica counts asked for by `make scale`. */
  readonly replicasFile: string;
  readonly logDir: string;
  readonly redisDir: string;
  readonly nginxDir: string;
  readonly runDir: string;
  readonly passwordFile: string;
  readonly nodeDir: string;
}

/** The repository is three levels above this file, in `src` as in `dist`. */
export const repositoryRoot = resolve(__dirname, '../../..');

export function layoutOf(root: string): Layout {
  const stateDir = join(root, '.local');
  return {
    root,
    stateDir,
    stateFile: join(stateDir, 'state.json'),
    pidFile: join(stateDir, 'supervisor.pid'),
    replicasFile: join(stateDir, 'replicas.json'),
    logDir: join(stateDir, 'logs'),
    redisDir: join(stateDir, 'redis'),
    nginxDir: join(stateDir, 'nginx'),
    runDir: join(stateDir, 'run'),
    passwordFile: join(stateDir, 'redis-password'),
    nodeDir: join(stateDir, 'node24'),
  };
}
