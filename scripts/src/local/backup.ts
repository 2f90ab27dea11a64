/**
 * `backup FILE` writes a snapshot of the queue while it runs; `restore FILE` puts one in place of the queue. A restored stack starts
 * paused: what was delivered after the backup was made would be sent again.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { operate } from './children.js';
import { down } from './down.js';
import { StackError } from './stackError.js';
import { readRunningState } from './stackState.js';
import { up, type UpDeps } from './up.js';

export function backup({ layout, env, report }: UpDeps, [file = '']: readonly string[]): void {
  const state = readRunningState(layout);
  if (!state) throw new StackError('the local stack is not running: make up');
  if (state.redisPort === undefined) throw new StackError('REDIS_URL names a Redis of your own: back it up there');
  if (file === '') throw new StackError('usage: make backup FILE=queue.rdb');
  const target = resolve(layout.root, file);
  const output = openSync(`${target}.part`, 'w', 0o600);
  const { status, stderr } = spawnSync('sh', [join(layout.root, 'redis/backup.sh')], {
    env: {
      ...env,
      REDIS_PORT: String(state.redisPort),
      REDIS_PASSWORD_FILE: layout.passwordFile,
      REDIS_DIR: layout.redisDir,
    },
    stdio: ['ignore', output, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(output);
  if (status !== 0) {
    rmSync(`${target}.part`);
    throw new StackError(`no backup was made: ${stderr.trim()}`);
  }
  renameSync(`${target}.part`, target);
  report(`written: ${target}`);
}

export async function restore(deps: UpDeps, [file = '']: readonly string[]): Promise<void> {
  const { layout, env, config } = deps;
  const source = resolve(layout.root, file);
  if (file === '' || !existsSync(source)) throw new StackError('usage: make restore FILE=queue.rdb');
  if (config.REDIS_URL !== '') throw new StackError('REDIS_URL names a Redis of your own: restore it there');
  await down(deps);
  mkdirSync(layout.redisDir, { recursive: true, mode: 0o700 });
  const input = openSync(source, 'r');
  const { status, stderr } = spawnSync('sh', [join(layout.root, 'redis/restore.sh')], {
    env: { ...env, REDIS_DIR: layout.redisDir },
    stdio: [input, 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  closeSync(input);
  if (status !== 0) throw new StackError(`nothing was restored: ${stderr.trim()}`);
  await up(deps);
  await operate(deps, ['restored']);
}
