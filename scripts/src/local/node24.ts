/**
 * The Node that runs the services: Node 24, because Express 5 costs three times the CPU per request on Node 20. The machine's own if it
 * is new enough, else npm's package for this platform (scripts/node-runtime), installed under `.local/`, else the machine's own.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from './layout.js';

export function ensureNode24(layout: Layout, report: (line: string) => void): string {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const binary = join(layout.nodeDir, 'node_modules/.bin/node');
  if (runs(binary)) return binary;

  report('installing Node 24 for the services ...');
  mkdirSync(layout.nodeDir, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(join(layout.root, 'scripts/node-runtime', file), join(layout.nodeDir, file));
  }
  spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error'], { cwd: layout.nodeDir });
  if (runs(binary)) return binary;

  report(`warning: Node 24 could not be had; the services run on ${process.version} and need more CPU`);
  return process.execPath;
}

function runs(binary: string): boolean {
  return spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout?.startsWith('v24.') ?? false;
}
