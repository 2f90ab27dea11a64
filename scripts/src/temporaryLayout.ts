/** Where a stack keeps things that is started for a test or a measurement: a temporary directory, gone afterwards. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layoutOf, repositoryRoot, type Layout } from './local/layout.js';

export function makeTemporaryLayout(prefix: string, password: string): Layout {
  const stateDir = mkdtempSync(join(tmpdir(), prefix));
  const inTemp = (name: string) => join(stateDir, name);
  const layout: Layout = {
    ...layoutOf(repositoryRoot),
    stateDir,
    logDir: inTemp('logs'),
    redisDir: inTemp('redis'),
    nginxDir: inTemp('nginx'),
    runDir: inTemp('run'),
    passwordFile: inTemp('redis-password'),
  };
  for (const directory of [layout.logDir, layout.redisDir, layout.nginxDir, layout.runDir]) mkdirSync(directory);
  const files = ['', '-ingest', '-delivery', '-dashboard'].map((user) => `${layout.passwordFile}${user}`);
  for (const file of files) writeFileSync(file, password, { mode: 0o600 });
  return layout;
}
