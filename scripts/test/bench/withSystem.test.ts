import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../../core/src/testing/eventually.js';
import { repositoryRoot } from '../../src/local/layout.js';
import { searchPath } from '../../src/local/systemPackages.js';

jest.setTimeout(120_000);

const onLinux = existsSync('/proc/self/environ') ? test : test.skip;

const CANARY = 'BENCH_INTERRUPT_TEST';

/** Processes that carry the mark in their environment. */
function marked(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && environmentOf(pid).includes(`${CANARY}=${mark}`));
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return ''; // it ended, or is another user's
  }
}

const PROGRAM = `
const { withSystem } = require(${JSON.stringify(join(repositoryRoot, 'scripts/dist/bench/withSystem.js'))});
const env = { PATH: process.env.PATH, ${CANARY}: process.env.${CANARY} };
const options = { name: 'postback', durability: 'everysec', node: process.execPath, env };
withSystem(options, () => { console.log('working'); return new Promise(() => setInterval(() => 0, 1e3)); });
`;

onLinux('an interrupt ends all that was started, whether it works or still starts', async () => {
  for (const moment of ['starting', 'working'] as const) {
    const mark = `${process.pid}-${moment}`;
    const env = { ...process.env, PATH: searchPath(process.env['PATH']), [CANARY]: mark };
    const bench = spawn(process.execPath, ['-e', PROGRAM], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(bench, 'exit');
    const working = once(bench.stdout, 'data');
    if (moment === 'working') await working;
    else await eventually('something was started', () => marked(mark).length > 1, 30_000);
    bench.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    await eventually('nothing is left', () => marked(mark).length === 0, 10_000);
  }
});
