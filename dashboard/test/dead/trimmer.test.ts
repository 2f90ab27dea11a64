import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { systemClock } from '@postback/core/clock';
import { silentLogger } from '@postback/core/logger';
import { imbalance } from '@postback/core/queue/scripts/books';
import type { RedisConnection } from '@postback/core/redis';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import supertest from 'supertest';
import { createArchive, readArchive, type Archive } from '../../src/dead/archive.js';
import { trimOnce } from '../../src/dead/trimmer.js';
import { setStage, type Stage } from '../stage.js';

let server: TestRedis;
let redis: RedisConnection;
let stage: Stage;
let directory: string;

beforeAll(async () => {
  server = await startTestRedis();
  redis = await server.connect();
});
afterAll(() => server.stop());
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'postback-archive-'));
  stage = await setStage(redis, directory);
});
afterEach(async () => {
  rmSync(directory, { recursive: true, force: true });
  expect(imbalance(await stage.queue.books())).toBe(0);
});

const trim = (archive: Archive | undefined, limits = { maxAgeMs: 86_400_000, maxCount: 2 }) =>
  trimOnce({ dead: stage.deps.dead, limits, archive, logger: silentLogger });
const files = () => readdirSync(directory);
const importAll = async () => {
  const { body } = await supertest(stage.app).get('/api/archive').expect(200);
  const results: unknown[] = [];
  for (const { name } of body.files as { name: string }[]) {
    results.push((await supertest(stage.app).post(`/api/archive/${name}/import`).send({}).expect(200)).body);
  }
  return results;
};

test('what is too many is trimmed, oldest first, and counted', async () => {
  const ids = await stage.die(5);
  expect(await trim(undefined)).toBe(3);
  expect(await trim(undefined)).toBe(0);
  expect((await stage.letters(ids)).map(({ letter }) => letter.id)).toEqual(ids.slice(3));
  expect(await stage.queue.books()).toMatchObject({ trimmed: 3, dead: 2 });
});

test('what is trimmed can be imported from the archive and sent again, unchanged', async () => {
  const ids = await stage.die(450);
  const before = await stage.letters(ids);
  const archive = createArchive({ directory, clock: systemClock, maxFileBytes: 1 });
  while ((await trim(archive)) > 0);
  expect(files()).toHaveLength(3); // a file of at least a byte is full: each batch has its own
  expect(await importAll()).toEqual([
    { imported: 200, skipped: 0 },
    { imported: 200, skipped: 0 },
    { imported: 48, skipped: 0 },
  ]);
  expect((await stage.letters(ids)).map(({ letter }) => letter)).toEqual(before.map(({ letter }) => letter));
  expect(await stage.queue.books()).toMatchObject({ trimmed: 448, dead: 450 });
  await supertest(stage.app).post(`/api/dead/${ids[0]}/redrive`).send({}).expect(202);
  expect(await importAll()).toMatchObject([{ imported: 1, skipped: 199 }, {}, {}]);
});

test('batches of one file are one text to gzip, and only its owner may read it', async () => {
  const archive = createArchive({ directory, clock: systemClock });
  await stage.die(4);
  await trim(archive);
  await stage.die(3);
  await trim(archive);
  const [name] = files() as [string];
  expect(files()).toHaveLength(1);
  expect(
    gunzipSync(readFileSync(join(directory, name)))
      .toString()
      .trim()
      .split('\n'),
  ).toHaveLength(5);
  expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
});

test('while the archive cannot be written nothing goes', async () => {
  await stage.die(5);
  mkdirSync(join(directory, 'x'));
  appendFileSync(join(directory, 'x/file'), '');
  const broken = createArchive({ directory: join(directory, 'x/file'), clock: systemClock });
  await expect(trim(broken)).rejects.toThrow();
  expect(await stage.queue.books()).toMatchObject({ trimmed: 0, dead: 5 });
});

test('a file cut off within a batch gives the batches before it', async () => {
  const archive = createArchive({ directory, clock: systemClock });
  await stage.die(4);
  await trim(archive);
  const path = join(directory, files()[0] as string);
  const whole = statSync(path).size;
  await stage.die(300);
  await trim(archive);
  truncateSync(path, whole + 20);
  const letters = [];
  for await (const letter of readArchive(path)) letters.push(letter);
  expect(letters).toHaveLength(2);
});

test('a file that is no archive is an error, not an empty archive', async () => {
  const path = join(directory, 'x.gz');
  appendFileSync(path, 'this is no gzip');
  await expect(
    (async () => {
      for await (const letter of readArchive(path)) void letter;
    })(),
  ).rejects.toThrow();
});

test('importing a damaged file is an error of ours, not of Redis', async () => {
  appendFileSync(join(directory, 'dead-2026-01-01T00-00-00-000Z-1.jsonl.gz'), 'this is no gzip');
  const path = '/api/archive/dead-2026-01-01T00-00-00-000Z-1.jsonl.gz/import';
  await supertest(stage.app).post(path).send({}).expect(500);
});

test.each(['..%2Fsecret', 'dead-x.jsonl.gz', 'dead-2026-01-01T00-00-00-000Z-1.jsonl.gz'])(
  'importing %s, which is not there, is 404',
  async (name) => {
    await supertest(stage.app).post(`/api/archive/${name}/import`).send({}).expect(404);
  },
);
