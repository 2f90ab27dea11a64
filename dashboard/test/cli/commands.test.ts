import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@postback/core/clock';
import { silentLogger } from '@postback/core/logger';
import { imbalance } from '@postback/core/queue/scripts/books';
import type { RedisConnection } from '@postback/core/redis';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { CommandError, createApi } from '../../src/cli/api.js';
import { archive, cancel, dead, purge, redrive, type Command } from '../../src/cli/commands.js';
import { erase, find } from '../../src/cli/find.js';
import { destinations, drain, pause, restored, resume } from '../../src/cli/steer.js';
import { createRedriver } from '../../src/dead/redriver.js';
import { setStage, type Stage } from '../stage.js';

let redisServer: TestRedis;
let redis: RedisConnection;
let stage: Stage;
let server: Server;

beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = await redisServer.connect();
});
afterAll(() => redisServer.stop());
beforeEach(async () => {
  stage = await setStage(redis);
  server = createServer(stage.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  expect(imbalance(await stage.queue.books())).toBe(0);
});

async function run(command: Command, ...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const api = createApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await command(args, { api, print: (line) => lines.push(line), followMs: 5 });
  return lines;
}

test('dead lists the newest that fit, says that there are more, and shows one', async () => {
  expect(await run(dead)).toEqual(['no dead letter fits']);
  const ids = await stage.die(3);
  await stage.die(1, { host: 'other.example' });
  const lines = await run(dead, '--host', 'partner.example', '--limit', '2');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain(`${ids[2]}  rejected  HTTP 404  POST  http://partner.example/p?a={a}`);
  expect(lines[2]).toContain('--limit 4');
  expect(await run(dead, '--json')).toHaveLength(4);
  expect(JSON.parse((await run(dead, ids[0] as string)).join(''))).toMatchObject({ id: ids[0], reason: 'rejected' });
});

test('redrive follows its job to the end and names what was not sent again', async () => {
  await stage.die(30);
  const [lost] = await stage.die(1, { endpointJson: null });
  const redriver = createRedriver({ ...stage.deps, logger: silentLogger, clock: systemClock });
  redriver.start();
  const started = run(redrive, '--all', '--header', 'X-Key: v', '--url', 'http://new.example/', '--per-second', '1000');
  const waking = setInterval(() => redriver.wake(), 5);
  const lines = await started;
  clearInterval(waking);
  await redriver.stop();
  expect(lines.at(-2)).toContain('done: 30 redriven, 0 gone, 1 failed');
  expect(lines.at(-1)).toBe(`${lost} was not sent again: its endpoint is not known`);
  expect(await stage.queue.books()).toMatchObject({ waiting: 30, dead: 1 });
});

test('redrive can be left alone, looked at and stopped', async () => {
  const ids = await stage.die(2);
  expect(await run(redrive, '--status')).toEqual(['no redrive job']);
  const [line = ''] = await run(redrive, ...ids, '--no-wait');
  const job = line.split(' ')[2]?.replace(';', '') as string;
  expect(await run(redrive, '--status')).toEqual([
    `${job} running: 0 redriven, 0 gone, 0 failed, 0 of at most 2 looked at`,
  ]);
  expect((await run(redrive, '--stop', job))[0]).toContain('cancelled');
});

test('purge by id and by filter, cancel by id and by destination', async () => {
  const [one] = await stage.die(3);
  expect(await run(purge, one as string)).toEqual(['1 purged']);
  expect(await run(purge, '--host', 'partner.example')).toEqual(['2 purged']);
  const [waiting] = await stage.accept(3);
  expect(await run(cancel, waiting as string)).toEqual([`${waiting} cancelled`]);
  expect(await run(cancel, '--destination', 'http://partner.example')).toEqual(['2 cancelled']);
  expect(await stage.queue.books()).toMatchObject({ purged: 3, cancelled: 3, waiting: 0 });
  expect(await run(archive)).toEqual(['no archive file (DEAD_ARCHIVE)']);
});

test.each([
  ['a filter is missing', purge, []],
  ['an unknown option', dead, ['--hots', 'x']],
  ['an option of another command', dead, ['--url', 'x']],
  ['a header without a colon', redrive, ['--all', '--header', 'x']],
  ['nothing to cancel', cancel, []],
  ['an unknown letter', dead, ['0-1-1']],
  ['an unknown file', archive, ['--import', '../x']],
  ['a limit that is none', dead, ['--limit', 'all']],
])('%s: says so in one line', async (_what, command, args) => {
  await expect(run(command, ...args)).rejects.toThrow(CommandError);
});

test('without a stack it says what to do', async () => {
  const deps = { api: createApi('http://127.0.0.1:1'), print: () => undefined, followMs: 1 };
  await expect(dead([], deps)).rejects.toThrow(/is the stack running/);
});

test('pause and resume, and what a restored backup would send', async () => {
  await stage.accept(2);
  expect(await run(pause, 'new', 'release')).toEqual([
    expect.stringMatching(/paused since .*: new release; .*make resume/),
  ]);
  expect((await stage.queue.readPauses()).current).toMatchObject({ reason: 'new release' });
  expect((await run(restored))[0]).toContain('would send 2 postbacks');
  expect(await run(resume)).toEqual(['delivery goes on']);
  expect((await stage.queue.readPauses()).current).toBeUndefined();
});

test('find shows one by its id and those of a reference, and erase takes one out', async () => {
  const [id = ''] = await stage.die(1, { reference: 'order 7' });
  expect(JSON.parse((await run(find, id))[0] ?? '')).toMatchObject({ id, state: 'dead' });
  expect(JSON.parse((await run(find, '--reference', 'order 7'))[0] ?? '')).toMatchObject({ id });
  expect(await run(find, '--reference', 'order 8')).toEqual(['no postback of this reference is known']);
  expect(await run(erase, id)).toEqual([`${id} erased: 1 dead letters, 0 attempts`]);
  await expect(run(find, id)).rejects.toThrow('Nothing is known of this postback');
  await expect(run(find)).rejects.toThrow(CommandError);
  await expect(run(erase)).rejects.toThrow(CommandError);
});

test('pause and resume of one destination, what is parked for it, and a drain', async () => {
  expect(await run(destinations)).toEqual(['nothing is parked, and nothing holds']);
  expect(await run(pause, '--destination', 'http://partner.example', 'they', 'move')).toEqual([
    expect.stringMatching(
      /^delivery to http:..partner.example is paused since .*: they move; .*make resume ARGS="--destination http:..partner.example"$/,
    ),
  ]);
  await stage.accept(2);
  const items = (await stage.take()).map((entry) => ({
    held: { ...entry, consumer: 'w' },
    postback: stage.open(entry),
  }));
  await stage.queue.park('http://partner.example:80', items);
  expect(await run(destinations)).toEqual([
    expect.stringMatching(/^http:..partner.example:80  paused  2 parked \(1 KiB\), the oldest accepted \d+ s ago$/),
  ]);
  expect(JSON.parse((await run(destinations, '--json'))[0] ?? '')).toMatchObject({ parked: 2 });
  await run(resume, '--destination', 'http://partner.example');
  expect((await stage.queue.readDestination('http://partner.example:80')).pause).toBeUndefined();
  expect(await run(drain, 'moving')).toEqual([
    expect.stringMatching(/no request is taken since .*; 2 postbacks are left/),
  ]);
  await run(resume);
  expect(await stage.queue.readDrain()).toBeUndefined();
});
