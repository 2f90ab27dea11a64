/** `make bench`: our stack against what people build instead, on this machine, in one run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchUsageError, parseBenchOptions } from './bench/options.js';
import { describeMachine, replaceSection } from './bench/document.js';
import { renderPage } from './bench/page.js';
import { planOf } from './bench/plans.js';
import { runSuite, type SuiteResult } from './bench/suite.js';
import { layoutOf, repositoryRoot } from './local/layout.js';
import { ensureNode24 } from './local/node24.js';
import { searchPath } from './local/systemPackages.js';

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const options = parseBenchOptions(args);
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const node = ensureNode24(layoutOf(repositoryRoot), say);
  const deps = { node, env: { PATH: searchPath(process.env['PATH']) }, say };
  const about = aboutThisRun(args);
  const result = await runSuite(planOf(options.size, options.only), deps);
  const page = renderPage(result, about);
  say(`\n${page}`);
  if (options.write) write({ about, page, result });
  if (result.failures.length > 0) process.exitCode = 1;
}

function aboutThisRun(args: readonly string[]): string {
  const asked = args.filter((arg) => arg !== '--write').join(' ');
  const command = asked === '' ? 'make bench' : `make bench ARGS=${asked.includes(' ') ? `"${asked}"` : asked}`;
  return `\`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${describeMachine()}.`;
}

function write({ about, page, result }: { about: string; page: string; result: SuiteResult }): void {
  writeFileSync(join(repositoryRoot, 'bench.json'), `${JSON.stringify({ about, ...result }, null, 2)}\n`);
  replaceSection(join(repositoryRoot, 'docs/performance.md'), 'bench', page);
}

main().catch((error: unknown) => {
  process.stderr.write(`bench failed: ${(error as Error).message}\n`);
  process.exitCode = error instanceof BenchUsageError ? 2 : 1;
});
