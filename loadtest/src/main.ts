/** The load test's process: wires the command to the terminal. The bar goes to stderr, the report to stdout. */
import { runCli } from './cli.js';
import { preciseNow } from './preciseClock.js';
import { createProgress } from './report/progress.js';
import { wantsColors } from './report/terminal.js';

async function main(): Promise<void> {
  process.exitCode = await runCli({
    args: process.argv.slice(2),
    env: process.env,
    now: preciseNow,
    progress: createProgress(process.stderr),
    isColored: wantsColors(process.stdout, process.env),
    print: (text) => void process.stdout.write(text),
    printError: (text) => void process.stderr.write(text),
  });
}

void main();
