/** redis/backup.sh and redis/restore.sh with a real Redis, started by redis/run.sh as in the stack. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@postback/core/logger';
import { createQueue } from '@postback/core/queue/queue';
import { createRedis, type RedisConnection } from '@postback/core/redis';
import { eventually } from '@postback/core/testing/eventually';
import { freePort } from '@postback/core/testing/redisServer';
import { repositoryRoot } from '../src/local/layout.js';

let directory: string;
let env: NodeJS.ProcessEnv;
let url: string;
let server: ChildProcess | undefined;
let redis: RedisConnection;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'backup-'));
  const passwordFile = join(directory, 'password');
  for (const user of ['', '-ingest', '-delivery', '-dashboard']) writeFileSync(`${passwordFile}${user}`, 'secret');
  const port = await freePort();
  url = `redis://operator@127.0.0.1:${port}`;
  env = {
    ...process.env,
    REDIS_PASSWORD_FILE: passwordFile,
    REDIS_PORT: String(port),
    REDIS_BIND: '127.0.0.1',
    REDIS_DIR: directory,
    REDIS_RUN_DIR: directory,
  };
  await start();
});
afterEach(async () => {
  await stop();
  rmSync(directory, { recursive: true });
});

async function start(): Promise<void> {
  server = spawn('sh', [join(repositoryRoot, 'redis/run.sh')], { env, stdio: 'ignore' });
  redis = createRedis({ url, password: 'secret', name: 'backup', logger: silentLogger });
  await redis.connect();
  await eventually('Redis has loaded its file', () => redis.send('', ['PING']).catch(() => undefined));
}

async function stop(): Promise<void> {
  redis.destroy();
  if (!server) return;
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  await ended;
  server = undefined;
}

const runScript = (script: string, input?: Buffer) =>
  spawnSync('sh', [join(repositoryRoot, 'redis', script)], { env, maxBuffer: 1e8, ...(input && { input }) });
const enqueue = (data: string) => createQueue(redis).enqueue({ endpointHash: 'h', endpointJson: '{}', data: [data] });

test('what was backed up while Redis ran is there after a restore, nothing newer, and delivery is paused', async () => {
  const [old] = await enqueue('{"n":1}');
  const saved = runScript('backup.sh');
  expect(saved.stderr.toString()).toBe('');
  expect(saved.status).toBe(0);
  await enqueue('{"n":2}');
  await stop();
  expect(runScript('restore.sh', saved.stdout).status).toBe(0);
  await start();
  const queue = createQueue(redis);
  const entries = (await redis.send('', ['XRANGE', queue.keys.stream, '-', '+'])) as [string, string[]][];
  expect(entries.map(([id]) => `0-${id}`)).toEqual([old]);
  const { current } = await queue.readPauses();
  expect(current).toMatchObject({ by: 'restore', reason: 'restored from a backup' });
  expect(Math.abs((current?.since ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(await queue.resume()).toBe(true);
});

test('what is no backup is refused, and the data stays', async () => {
  await enqueue('{"n":1}');
  await stop();
  const refused = runScript('restore.sh', Buffer.from('what ever'));
  expect(refused.status).toBe(1);
  expect(refused.stderr.toString()).toContain('this is no backup of Redis');
  await start();
  expect((await createQueue(redis).books()).waiting).toBe(1);
});
