import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { peakRssOf, usageOf } from '../../src/bench/cpuTime.js';

const BUSY =
  'const end = process.cpuUsage().user + 2e5; while (process.cpuUsage().user < end); console.log(1); setInterval(() => 0, 1e3)';
const PARENT = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(BUSY)}], { stdio: 'inherit' }); setInterval(() => 0, 1e3)`;

const onLinux = existsSync('/proc/self/stat') ? test : test.skip;

onLinux('counts what a process and its children used, and nobody else', async () => {
  const parent = spawn(process.execPath, ['-e', PARENT], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const pid = parent.pid as number;
  try {
    await once(parent.stdout, 'data');
    const { cpuMs, rssBytes } = usageOf([pid]);
    expect(cpuMs).toBeGreaterThanOrEqual(190);
    expect(Math.abs(cpuMs / 1_000 - secondsByPs(pid))).toBeLessThan(3); // ps tells whole seconds of each
    expect(rssBytes).toBeGreaterThan(20 * 2 ** 20);
    expect(usageOf([]).cpuMs).toBe(0);
  } finally {
    process.kill(-pid, 'SIGKILL');
  }
});

const ENDED = `require('child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(BUSY.replace(/setInterval.*/, ''))}]); console.log(1); setInterval(() => 0, 1e3)`;

onLinux('a child that has ended still counts', async () => {
  const parent = spawn(process.execPath, ['-e', ENDED], { stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = parent.pid as number;
  try {
    await once(parent.stdout, 'data');
    const { cpuMs } = usageOf([pid]);
    expect(cpuMs).toBeGreaterThanOrEqual(190);
  } finally {
    parent.kill('SIGKILL');
  }
});

/** Of a process and its children. */
function secondsByPs(pid: number): number {
  const { stdout } = spawnSync('ps', ['-o', 'cputimes=', '-p', `${pid}`, '--ppid', `${pid}`], { encoding: 'utf8' });
  return stdout.split('\n').reduce((sum, line) => sum + Number(line), 0);
}

const HOARDING =
  'let hoard = Buffer.alloc(3e8, 1); hoard = undefined; globalThis.gc(); console.log(1); setInterval(() => 0, 1e3)';

onLinux('memory that was given back before anybody looked still counts as its peak', async () => {
  const hoarder = spawn(process.execPath, ['--expose-gc', '-e', HOARDING], { stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = hoarder.pid as number;
  try {
    await once(hoarder.stdout, 'data');
    expect(peakRssOf([pid])).toBeGreaterThan(3e8);
    expect(peakRssOf([pid])).toBeLessThan(6e8);
    expect(usageOf([pid]).rssBytes).toBeLessThan(3e8);
  } finally {
    hoarder.kill('SIGKILL');
  }
});
