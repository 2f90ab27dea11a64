/**
 * `up`: prepares the machine, starts the supervisor in the background and returns when everything is ready. Says that it is running
 * when it is. What a killed supervisor left behind is stopped first.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLoopback, openDoorsFault } from '@postback/core/access/openDoors';
import { down } from './down.js';
import type { Layout } from './layout.js';
import { ensureNode24 } from './node24.js';
import { tryPort } from './ports.js';
import { awaitReady } from './readiness.js';
import type { LocalConfig } from './settings.js';
import { StackError } from './stackError.js';
import { readRunningState, readState } from './stackState.js';
import { ensurePrograms, searchPath } from './systemPackages.js';

export interface UpDeps {
  readonly layout: Layout;
  readonly config: LocalConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
}

const START_TIMEOUT_MS = 15_000;
/** Redis may have to load a large file first. */
const READY_TIMEOUT_MS = 120_000;

export async function up(deps: UpDeps): Promise<void> {
  const { layout, config, report } = deps;
  refuseOpenDoors(deps);
  if (readRunningState(layout)) {
    report('the local stack is running already');
    return reportReady(deps);
  }
  if (readState(layout)) await down(deps);
  if ((await tryPort(config.HTTP_BIND, config.HTTP_PORT)) === undefined) {
    throw new StackError(`port ${config.HTTP_PORT} on ${config.HTTP_BIND} is in use: set HTTP_PORT to another one`);
  }
  const programs = config.REDIS_URL === '' ? ['redis-server', 'nginx'] : ['nginx'];
  ensurePrograms(programs, layout.root, report);
  const node = ensureNode24(layout, report);
  makeDirectories(layout);
  if (config.REDIS_URL === '') writePassword(deps);

  if (!isLoopback(config.HTTP_BIND) && config.HTTPS_PORT === undefined) {
    report('warning: plain HTTP beyond this machine; keys can be read on their way (docs/security.md)');
  }
  report('starting the processes ...');
  startSupervisor(deps, node);
  await reportReady(deps);
}

/** The services would refuse too, one by one and in their logs. */
function refuseOpenDoors({ config, env }: UpDeps): void {
  const isSet = (name: string) => Boolean(env[name] || env[`${name}_FILE`]);
  const locks = { INGEST_API_KEYS: isSet('INGEST_API_KEYS'), DASHBOARD_TOKEN: isSet('DASHBOARD_TOKEN') };
  const fault = openDoorsFault(config.HTTP_BIND, locks);
  if (fault !== undefined) throw new StackError(fault);
}

/** Waits for readiness, then prints the base URL. */
export async function reportReady({ layout, report }: UpDeps): Promise<void> {
  report('waiting until all of them are ready ...');
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!readRunningState(layout) && performance.now() < deadline) await sleep(50);
  const notReady = await awaitReady(() => readRunningState(layout)?.services, READY_TIMEOUT_MS);
  const [first] = notReady;
  if (first) {
    const lines = notReady.map(({ name, reason }) => `${name}: ${reason}`);
    throw new StackError(
      [...lines, `--- the last log lines of ${first.name}`, lastLines(layout, first.name)].join('\n'),
    );
  }
  report(readRunningState(layout)?.baseUrl ?? '');
}

function makeDirectories(layout: Layout): void {
  const directories = [layout.stateDir, layout.logDir, layout.redisDir, layout.nginxDir, layout.runDir];
  for (const directory of directories) mkdirSync(directory, { recursive: true, mode: 0o700 });
  rmSync(layout.replicasFile, { force: true }); // the settings count again
}

/** The same script as in the container: what was given, else what is there, else a random one. */
function writePassword({ layout, env }: UpDeps): void {
  const given = {
    GIVEN_PASSWORD_FILE: env['REDIS_PASSWORD_FILE'],
    PASSWORD_OUT: layout.passwordFile,
    PASSWORD_MODE: '0600',
  };
  const script = join(layout.root, 'redis/write-password.sh');
  const { status, stderr } = spawnSync('sh', [script], { env: { ...env, ...given }, encoding: 'utf8' });
  if (status !== 0) throw new StackError(stderr.trim());
}

function startSupervisor({ layout, env }: UpDeps, node: string): void {
  const log = openSync(join(layout.logDir, 'supervisor.log'), 'a');
  const script = join(layout.root, 'scripts/dist/localStack.js');
  const child = spawn(process.execPath, [script, 'supervise', node], {
    cwd: layout.root,
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...env, PATH: searchPath(env['PATH']) },
  });
  closeSync(log);
  child.unref();
}

function lastLines(layout: Layout, name: string): string {
  try {
    return readFileSync(join(layout.logDir, `${name}.log`), 'utf8')
      .trim()
      .split('\n')
      .slice(-20)
      .join('\n');
  } catch {
    return '(no log)';
  }
}
