import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger } from '@postback/core/logger';
import { identify, isAlive, type ProcessIdentity } from '../../src/local/processIdentity.js';
import { SupervisedProcess } from '../../src/local/supervisedProcess.js';

const directory = mkdtempSync(join(tmpdir(), 'supervised-'));
const logFile = join(directory, 'process.log');
let supervised: SupervisedProcess | undefined;

afterEach(async () => {
  await supervised?.stop();
  supervised = undefined;
});
afterAll(() => rmSync(directory, { recursive: true }));

function start(script: string): SupervisedProcess {
  const spec = {
    name: 'it',
    command: 'sh',
    args: ['-c', script],
    env: { PATH: process.env['PATH'] },
    readyUrl: undefined,
  };
  const deps = { logger: silentLogger, logFile, onChange: () => undefined, stopTimeoutMs: 300, firstBackoffMs: 5 };
  supervised = new SupervisedProcess({ ...spec, stopSignal: 'SIGTERM' }, deps);
  supervised.start();
  return supervised;
}

async function until<T>(read: () => T | undefined | false): Promise<T> {
  for (;;) {
    const value = read();
    if (value !== undefined && value !== false) return value;
    await sleep(5);
  }
}

const readLog = () => readFileSync(logFile, 'utf8');

test('a process that is killed is started again', async () => {
  const it = start('exec sleep 60');
  const first = await until(() => it.identity);
  process.kill(first.pid, 'SIGKILL');
  const second = await until(() => it.identity !== undefined && it.identity.pid !== first.pid && it.identity);
  expect(isAlive(first)).toBe(false);
  expect(isAlive(second)).toBe(true);
});

test('a process that is stopped stays stopped', async () => {
  const it = start('exec sleep 60');
  const { pid, startedAt } = await until(() => it.identity);
  await it.stop();
  expect(isAlive({ pid, startedAt })).toBe(false);
  expect(it.identity).toBeUndefined();
});

test('a process that ignores its signal is killed when its time is up', async () => {
  const it = start("trap '' TERM; echo deaf; while :; do sleep 0.05; done");
  await until(() => readLog().includes('deaf'));
  await it.stop();
  expect(it.identity).toBeUndefined();
});

test('what a killed process leaves running goes with it, so that the next one finds its port free', async () => {
  const it = start('sleep 61 & echo "left $!"; wait');
  const left = await until(() => /left (\d+)/.exec(readLog())?.[1]);
  const first = await until<ProcessIdentity>(() => it.identity);
  process.kill(first.pid, 'SIGKILL');
  await until(() => it.identity !== undefined && it.identity.pid !== first.pid && it.identity);
  await until(() => identify(Number(left)) === undefined);
});

test('a command that does not exist is tried again instead of ending the supervisor', async () => {
  const changes: unknown[] = [];
  const spec = {
    name: 'it',
    command: '/nowhere/it',
    args: [],
    env: {},
    readyUrl: undefined,
    stopSignal: 'SIGTERM',
  } as const;
  const deps = { logger: silentLogger, logFile, onChange: () => changes.push(1), firstBackoffMs: 1 };
  supervised = new SupervisedProcess(spec, deps);
  supervised.start();
  await until(() => changes.length > 4);
});
