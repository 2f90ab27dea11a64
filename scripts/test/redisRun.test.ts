/** redis/run.sh without Redis: a stand-in prints the configuration that it would have been started with. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../src/local/layout.js';

const directory = mkdtempSync(join(tmpdir(), 'postback-run-'));
beforeAll(() => {
  writeFileSync(join(directory, 'redis-server'), '#!/bin/sh\ncat "$1"\n');
  chmodSync(join(directory, 'redis-server'), 0o755);
  for (const user of ['', '-ingest', '-delivery', '-dashboard'])
    writeFileSync(join(directory, `password${user}`), `canary${user}`);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (env: Readonly<Record<string, string>>, memoryMax = 'max') => {
  writeFileSync(join(directory, 'memory.max'), `${memoryMax}\n`);
  const { status, stdout, stderr } = spawnSync('sh', [join(repositoryRoot, 'redis/run.sh')], {
    encoding: 'utf8',
    env: {
      PATH: `${directory}:${process.env['PATH']}`,
      REDIS_PASSWORD_FILE: join(directory, 'password'),
      REDIS_RUN_DIR: directory,
      CGROUP_DIR: directory,
      ...env,
    },
  });
  return { status, stdout, stderr };
};

test('by default it syncs before each answer and leaves room for the fork; the password is only there as a hash', () => {
  const { status, stdout } = run({});
  expect(status).toBe(0);
  expect(stdout).toMatch(/^appendfsync always$/m);
  expect(stdout).toMatch(/^maxmemory 536870912$/m);
  expect(stdout).not.toContain('canary');
});

test.each([
  ['2gb', 2_147_483_648],
  ['2G', 2_000_000_000],
  ['1048576', 1_048_576],
])('REDIS_MAXMEMORY=%s is %d bytes', (text, bytes) => {
  expect(run({ REDIS_MAXMEMORY: text }).stdout).toMatch(new RegExp(`^maxmemory ${bytes}$`, 'm'));
});

test.each(['0', 'lots', '1.5gb', '5%'])('REDIS_MAXMEMORY=%s does not start', (text) => {
  const { status, stderr } = run({ REDIS_MAXMEMORY: text });
  expect(status).toBe(1);
  expect(stderr).toContain(`invalid setting REDIS_MAXMEMORY: expected a size such as 512mb or 2gb, got "${text}"`);
});

test('a container without room for the fork does not start, one with room does', () => {
  const tooSmall = run({ REDIS_MAXMEMORY: '1gb' }, String(1.5 * 2 ** 30));
  expect(tooSmall.status).toBe(1);
  expect(tooSmall.stderr).toContain('1gb does not leave room in a container of 1536 MiB: REDIS_MEMORY_LIMIT');
  expect(run({ REDIS_MAXMEMORY: '1gb' }, String(Math.ceil(1.6 * 2 ** 30))).status).toBe(0);
});

test('another DURABILITY does not start', () => {
  expect(run({ DURABILITY: 'no' })).toMatchObject({ status: 1, stderr: expect.stringContaining('always, everysec') });
});
