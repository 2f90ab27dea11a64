/** The real process, as it is started in production, on a test's Redis. Needs what `make test` builds. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@postback/core/testing/eventually';
import { LOOPBACK } from '@postback/core/testing/loopbackTargets';
import { freePort, type TestRedis } from '@postback/core/testing/redisServer';

const MAIN = join(__dirname, '../dist/main.js');

export interface DeliveryProcess {
  readonly child: ChildProcess;
  /** What it has logged so far. */
  log(): string;
  residentBytes(): number;
}

/** It has started when this resolves; whoever started it ends it. */
export async function startDeliveryProcess(
  server: Pick<TestRedis, 'url'>,
  settings: Readonly<Record<string, string>> = {},
): Promise<DeliveryProcess> {
  const own = { ALLOWED_TARGETS: LOOPBACK, REDIS_URL: server.url, DELIVERY_PORT: String(await freePort()) };
  const env = { ...process.env, ...own, ...settings };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await eventually('it has started', () => log.includes('service.started'), 20_000);
  return { child, log: () => log, residentBytes: () => residentBytes(child) };
}

function residentBytes({ pid }: ChildProcess): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}
