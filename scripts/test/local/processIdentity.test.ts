import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identify, isAlive, signal } from '../../src/local/processIdentity.js';

const startSleeper = () => spawn('sleep', ['60'], { stdio: 'ignore' });

test('a process that runs is alive, and one that has ended is not', async () => {
  const child = startSleeper();
  const identity = identify(child.pid ?? 0);
  expect(identity && isAlive(identity)).toBe(true);

  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(identity && isAlive(identity)).toBe(false);
});

test('a process that only has the same id is not taken for the one that was meant, and not ended', async () => {
  const child = startSleeper();
  const another = { pid: child.pid ?? 0, startedAt: 'at another time' };
  expect(isAlive(another)).toBe(false);

  signal(another, 'SIGKILL');
  expect(child.exitCode ?? child.signalCode).toBeNull();
  child.kill('SIGKILL');
  await once(child, 'exit');
});

test('an id that nobody has gives nothing', () => {
  expect(identify(2 ** 22 + 1)).toBeUndefined();
});
