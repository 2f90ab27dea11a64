/** A stack that others can reach does not start without keys: the real processes and scripts. Needs what `make test` builds. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@postback/core/testing/eventually';
import { freePort, startTestRedis } from '@postback/core/testing/redisServer';
import { repositoryRoot } from '../../scripts/src/local/layout.js';

const SECRET = 'sixteen-or-more-characters';
const LINE = /^HTTP_BIND=\S+ lets others in: set (.*) first, for example .*openssl rand -hex 32.*\n$/;
const stub = mkdtempSync(join(tmpdir(), 'no-docker-'));
writeFileSync(join(stub, 'docker'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
afterAll(() => rmSync(stub, { recursive: true }));

const environment = (env: Readonly<Record<string, string>>) => {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH: `${stub}:${PATH}`, HOME, ...env };
};
const run = (command: string, args: readonly string[], env: Readonly<Record<string, string>>) =>
  spawnSync(command, args, { cwd: repositoryRoot, env: environment(env), encoding: 'utf8', timeout: 15_000 });

const STARTERS = [
  ['ingest', process.execPath, ['ingest/dist/main.js'], 'INGEST_API_KEYS'],
  ['the dashboard', process.execPath, ['dashboard/dist/main.js'], 'DASHBOARD_TOKEN'],
  ['local mode', process.execPath, ['scripts/dist/localStack.js', 'up'], 'INGEST_API_KEYS and DASHBOARD_TOKEN'],
  ['Docker mode', 'scripts/docker-stack.sh', ['up'], 'INGEST_API_KEYS and DASHBOARD_TOKEN'],
] as const;

describe.each(STARTERS)('%s', (_name, command, args, missing) => {
  test.each(['0.0.0.0', '::', '192.0.2.1'])('bound to %s without keys: one line, exit code 1', (bind) => {
    const { status, stderr, stdout } = run(command, args, { HTTP_BIND: bind });
    expect(stderr).toMatch(LINE);
    expect(LINE.exec(stderr)?.[1]).toBe(missing);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});

test.each(STARTERS.slice(2))('%s with only one of them names the other', (_name, command, args) => {
  const one = run(command, args, { HTTP_BIND: '0.0.0.0', INGEST_API_KEYS: SECRET });
  expect(LINE.exec(one.stderr)?.[1]).toBe('DASHBOARD_TOKEN');
  const other = run(command, args, { HTTP_BIND: '0.0.0.0', DASHBOARD_TOKEN_FILE: '/some/file' });
  expect(LINE.exec(other.stderr)?.[1]).toBe('INGEST_API_KEYS');
});

test('a file of keys that is empty, or a key that is too short, is no lock', () => {
  const file = join(stub, 'keys');
  writeFileSync(file, '\n');
  for (const env of [{ INGEST_API_KEYS_FILE: file }, { INGEST_API_KEYS: 'short' }, { INGEST_API_KEYS: ',' }]) {
    const ended = run(process.execPath, ['ingest/dist/main.js'], { HTTP_BIND: '0.0.0.0', ...env });
    expect(ended.status).toBe(1);
    expect(ended.stderr).toMatch(/^(invalid setting INGEST_API_KEYS|HTTP_BIND)/);
  }
});

test.each([
  ['ingest', 'INGEST_PORT', { HTTP_BIND: '0.0.0.0', INGEST_API_KEYS: SECRET }],
  ['ingest', 'INGEST_PORT', { HTTP_BIND: '127.0.0.1' }],
  ['dashboard', 'DASHBOARD_PORT', { HTTP_BIND: '0.0.0.0', DASHBOARD_TOKEN: SECRET }],
  ['dashboard', 'DASHBOARD_PORT', {}],
])('%s starts with its key, or on loopback: %s %j', async (service, portName, env) => {
  const redis = await startTestRedis();
  const port = String(await freePort());
  const settings = environment({ REDIS_URL: redis.url, [portName]: port, ...env });
  const child = spawn(process.execPath, [`${service}/dist/main.js`], {
    cwd: repositoryRoot,
    env: settings,
    stdio: 'ignore',
  });
  try {
    const answers = () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually('it answers', answers, 15_000);
  } finally {
    child.kill('SIGKILL');
    await redis.stop();
  }
});
