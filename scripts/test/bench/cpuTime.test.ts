import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { usageOf } from '../../src/bench/cpuTime.js';

const BUSY =
  'const end = process.cpuUsage().user + 5e5; while (process.cpuUsage().user < end); console.log(1); setInterval(() => 0, 1e3)';
const PARENT = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(BUSY)}], { stdio: 'inherit' }); setInterval(() => 0, 1e3)`;

const onLinux = existsSync('/proc/self/stat') ? test : test.skip;

onLinux('counts what a process and its children used, and nobody else', async () => {
  const parent = spawn(process.execPath, ['-e', PARENT], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const pid = parent.pid as number;
  try {
    await once(parent.stdout, 'data');
    const { cpuMs, rssBytes } = usageOf([pid]);
    expect(cpuMs).toBeGreaterThanOrEqual(490);
    expect(cpuMs).toBeLessThan(5_000);
    expect(rssBytes).toBeGreaterThan(20 * 2 ** 20);
    expect(usageOf([]).cpuMs).toBe(0);
  } finally {
    process.kill(-pid, 'SIGKILL');
  }
});
