/** redis-server and nginx: found on this machine, or installed where that is possible without asking (root on Debian). */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StackError } from './stackError.js';

/** Where servers live that a user's PATH may not name. */
const SERVER_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

export function searchPath(path: string | undefined): string {
  return [path ?? '', ...SERVER_DIRECTORIES].join(delimiter);
}

/** @throws StackError naming what to install */
export function ensurePrograms(programs: readonly string[], root: string, report: (line: string) => void): void {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;

  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!canInstall)
    throw new StackError(`${missing.join(' and ')} missing: install with your package manager, or use Docker`);
  report(`installing ${missing.join(' and ')} with apt-get (their own services are not started) ...`);
  const { status, stderr } = spawnSync('sh', [join(root, 'scripts/apt-install.sh'), ...missing], { encoding: 'utf8' });
  if (status !== 0) throw new StackError(`apt-get could not install ${missing.join(' and ')}: ${lastLine(stderr)}`);
}

function isInstalled(program: string): boolean {
  return searchPath(process.env['PATH'])
    .split(delimiter)
    .some((directory) => isExecutable(join(directory, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
