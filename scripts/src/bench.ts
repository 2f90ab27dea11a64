/** `make bench`: our stack against what people build instead, on this machine, in one run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchUsageError, parseBenchOptions, type BenchOptions } from './bench/options.js';
import { describeMachine, replaceSection } from './bench/document.js';
import { GROWTH, measureGrowth, QUICK_GROWTH } from './bench/growth.js';
import { renderGrowth } from './bench/growthPage.js';
import { renderPage } from './bench/page.js';
import { planOf } from './bench/plans.js';
import { runSuite, type BenchDeps } from './bench/suite.js';
import { layoutOf, repositoryRoot } from './local/layout.js';
import { ensureNode24 } from './local/node24.js';
import { searchPath } from './local/systemPackages.js';

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const options = parseBenchOptions(args);
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const node = ensureNode24(layoutOf(repositoryRoot), say);
  const deps = { node, env: { PATH: searchPath(process.env['PATH']) }, say };
  const { section, page, result } = await measureAll(options, deps, aboutThisRun(args));
  say(`\n${page}`);
  if (options.write) {
    writeFileSync(join(repositoryRoot, `${section}.json`), `${JSON.stringify(result, null, 2)}\n`);
    replaceSection(join(repositoryRoot, 'docs/performance.md'), section, page);
  }
  if (result.failures.length > 0) process.exitCode = 1;
}

async function measureAll({ growth, size, only }: BenchOptions, deps: BenchDeps, about: string) {
  if (growth) {
    const result = await measureGrowth(size === 'quick' ? QUICK_GROWTH : GROWTH, deps);
    return { section: 'growth', page: renderGrowth(result, about), result: { about, ...result } };
  }
  const result = await runSuite(planOf(size, only), deps);
  return { section: 'bench', page: renderPage(result, about), result: { about, ...result } };
}

function aboutThisRun(args: readonly string[]): string {
  const asked = args.filter((arg) => arg !== '--write').join(' ');
  const command = asked === '' ? 'make bench' : `make bench ARGS=${asked.includes(' ') ? `"${asked}"` : asked}`;
  return `\`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${describeMachine()}.`;
}

main().catch((error: unknown) => {
  process.stderr.write(`bench failed: ${(error as Error).message}\n`);
  process.exitCode = error instanceof BenchUsageError ? 2 : 1;
});
