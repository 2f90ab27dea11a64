/** `make bench`: our stack against what people build instead, on this machine, in one run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseBenchOptions } from './bench/options.js';
import { renderPage } from './bench/page.js';
import { FULL, QUICK, runSuite } from './bench/suite.js';
import { layoutOf, repositoryRoot } from './local/layout.js';
import { ensureNode24 } from './local/node24.js';
import { searchPath } from './local/systemPackages.js';

const MARKERS = ['<!-- bench -->', '<!-- end of bench -->'] as const;

async function main(): Promise<void> {
  const { quick, write } = parseBenchOptions(process.argv.slice(2));
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const node = ensureNode24(layoutOf(repositoryRoot), say);
  const result = await runSuite(quick ? QUICK : FULL, { node, env: { PATH: searchPath(process.env['PATH']) }, say });
  const about = `\`make bench${quick ? ' ARGS=--quick' : ''}\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}.`;
  const page = renderPage(result, about);
  say(`\n${page}`);
  if (!write) return;
  writeFileSync(join(repositoryRoot, 'bench.json'), `${JSON.stringify({ about, ...result }, null, 2)}\n`);
  replaceBetweenMarkers(join(repositoryRoot, 'docs/performance.md'), page);
}

function machine(): string {
  const [cpu] = cpus();
  return `${availableParallelism()} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB`;
}

function replaceBetweenMarkers(file: string, text: string): void {
  const page = readFileSync(file, 'utf8');
  const [from, to] = MARKERS.map((marker) => page.indexOf(marker));
  if (from === undefined || to === undefined || from < 0 || to < from) throw new Error(`${file} has no ${MARKERS[0]}`);
  writeFileSync(file, `${page.slice(0, from + MARKERS[0].length)}\n\n${text}\n${page.slice(to)}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`bench failed: ${(error as Error).message}\n`);
  process.exitCode = 1;
});
