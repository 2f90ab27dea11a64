/**
 * Scenario 3: the disk of Redis is full. A limit of the file size stands for it: for Redis it is the same failed write, and it
 * needs no rights. What was accepted is there after a restart with space, and what was refused is not.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imbalance } from '@postback/core/queue/scripts/books';
import { eventually } from '@postback/core/testing/eventually';
import { freePort } from '@postback/core/testing/redisServer';
import { requestOf, startTestIngest, type TestAnswer, type TestIngest } from './ingestServer.js';

/** In the blocks of 512 bytes that a shell counts in: 512 KiB. */
const FULL_AT_BLOCKS = '1024';

let directory: string;
let port: number;
let redis: ChildProcess;
let ingest: TestIngest;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'postback-full-'));
  port = await freePort();
});
afterEach(async () => {
  await ingest.stop();
  await endRedis();
  rmSync(directory, { recursive: true, force: true });
});

/** Without the signal of the limit, writes fail with an error, as on a full disk. */
const startRedis = (appendfsync: string, blocks: string) => {
  const settings = ['--appendonly', 'yes', '--appendfsync', appendfsync, '--save', '', '--maxmemory', '200mb'];
  const where = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
  const limited = `trap '' XFSZ; ulimit -S -f ${blocks}; exec redis-server "$@"`;
  redis = spawn('sh', ['-c', limited, 'sh', ...where, ...settings], { stdio: 'ignore' });
};
const endRedis = async () => {
  if (redis.exitCode !== null || redis.signalCode !== null) return;
  redis.kill('SIGKILL');
  await once(redis, 'exit');
};
const startIngest = async (durability: 'always' | 'everysec') => {
  ingest = await startTestIngest({ redisUrl: `redis://127.0.0.1:${port}`, durability });
  await eventually('ready', async () => (await ingest.readiness()).status === 200);
};

/** Posts until the answer is a refusal; tells what was accepted. */
const fill = async (): Promise<{ accepted: number; refused: TestAnswer; tookMs: number }> => {
  for (let accepted = 0; ; accepted += 10) {
    const startedAt = performance.now();
    const refused = await ingest.post(requestOf(10, 1_000));
    if (refused.status !== 202) return { accepted, refused, tookMs: performance.now() - startedAt };
  }
};

/** With `always` Redis ends itself rather than break its word; a request without an answer may be kept all the same. */
test('with appendfsync always: 503 within 1 s, and with space again everything accepted is there', async () => {
  startRedis('always', FULL_AT_BLOCKS);
  await startIngest('always');
  const { accepted, refused, tookMs } = await fill();
  expect(accepted).toBeGreaterThan(0);
  expect(refused).toMatchObject({ status: 503, body: { type: '/docs/errors/queue-unavailable' } });
  expect(tookMs).toBeLessThan(1_500); // 1 s, and a machine under load
  await eventually('Redis has ended', () => redis.exitCode !== null);
  startRedis('always', 'unlimited');
  await eventually('requests are taken again', async () => (await ingest.post(requestOf(10))).status === 202, 10_000);
  const books = await ingest.queue.books();
  expect(imbalance(books)).toBe(0);
  expect([accepted + 10, accepted + 20]).toContain(books.waiting);
});

test('with appendfsync everysec: storage-low, and with space again everything accepted is there', async () => {
  startRedis('everysec', FULL_AT_BLOCKS);
  await startIngest('everysec');
  const { accepted } = await fill();
  await eventually('the reason is told', async () => {
    const { status, body } = await ingest.post(requestOf(1));
    return status === 503 && body.type === '/docs/errors/storage-low';
  });
  await eventually('readiness tells it too', async () => {
    return (await ingest.readiness()).reasons[0]?.includes('could not write to its append-only file');
  });
  execFileSync('prlimit', ['--pid', String(redis.pid), '--fsize=unlimited']); // now there is space
  await eventually('requests are taken again', async () => (await ingest.post(requestOf(10))).status === 202, 10_000);
  await endRedis();
  startRedis('everysec', 'unlimited');
  await eventually('back', async () => (await ingest.readiness()).status === 200, 10_000);
  const books = await ingest.queue.books();
  expect(imbalance(books)).toBe(0);
  expect(books.waiting).toBeGreaterThanOrEqual(accepted);
});
