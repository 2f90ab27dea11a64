/** docs/reliability.md: the table between its two markers is replaced, with machine and date; the rest of the page stays. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../../scripts/src/local/layout.js';
import type { CrashOptions } from './options.js';
import type { Row } from './scenario.js';
import { renderTable } from './table.js';

const PAGE = join(repositoryRoot, 'docs/reliability.md');
const START = '<!-- table -->\n';
const END = '<!-- end of table -->';

export function writeReliability(rows: readonly Row[], { short }: CrashOptions): void {
  const [cpu] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const machine = `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${gigabytes} GB, Node ${process.version}, ${process.platform}`;
  const date = new Date().toISOString().slice(0, 10);
  const command = `make test-crash${short ? ' ARGS=--short' : ''}`;
  const table = `\`${command}\` on ${date}: ${machine}.\n\n${renderTable(rows)}\n`;
  const page = readFileSync(PAGE, 'utf8');
  const before = page.slice(0, page.indexOf(START) + START.length);
  writeFileSync(PAGE, `${before}\n${table}\n${page.slice(page.indexOf(END))}`);
}
