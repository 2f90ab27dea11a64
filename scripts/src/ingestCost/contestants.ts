/** The processes that are compared: the real ingest, and its route with JSON.parse in the place of the checks. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@postback/core/testing/redisServer';
import { repositoryRoot } from '../local/layout.js';

export interface Contestant {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

const FLOOR = 'loadtest/dist/peers/parseOnlyIngest.js';
const SCRIPTS = [
  { name: 'ingest', script: 'ingest/dist/main.js', stores: '' },
  { name: 'JSON.parse alone', script: FLOOR, stores: 'samples' },
  { name: 'JSON.parse, texts made anew', script: FLOOR, stores: 'texts' },
] as const;

export const NAMES = SCRIPTS.map(({ name }) => name);

export function startContestants(node: string, redisUrl: string): Promise<Contestant[]> {
  return Promise.all(
    SCRIPTS.map(async ({ name, script, stores }) => {
      const port = await freePort();
      const env = {
        NODE_ENV: 'production',
        REDIS_URL: redisUrl,
        DURABILITY: 'everysec',
        MIN_DISK_FREE: '0',
        ALLOWED_TARGETS: '127.0.0.1:9', // nothing is delivered
        INGEST_PORT: String(port),
        STORES: stores,
      };
      const child = spawn(node, [join(repositoryRoot, script)], { env, stdio: ['ignore', 'ignore', 'inherit'] });
      await untilReady(port, child);
      return { name, port, pid: child.pid as number, stop: () => stop(child) };
    }),
  );
}

async function untilReady(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`it ended with ${child.exitCode} before it was ready`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
