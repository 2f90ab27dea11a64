/**
 * A real Redis for a test file: its own process on a free loopback port, its data in a temporary directory, gone afterwards.
 * Any REDIS_URL around the tests is ignored.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../logger.js';
import { createRedis, type RedisConnection } from '../redis.js';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** The process id now: a restart changes it. */
  pid(): number;
  connect(): Promise<RedisConnection>;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** `settings` are redis-server arguments, for example `['--maxmemory', '20mb']`. */
export async function startTestRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'postback-redis-'));
  const port = await freePort();
  const connections: RedisConnection[] = [];
  let child = await spawnRedis(port, directory, settings);
  const url = `redis://127.0.0.1:${port}`;
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url,
    port,
    pid: () => child.pid as number,
    connect: async () => {
      const connection = createRedis({ url, password: '', name: 'test', logger: silentLogger });
      connections.push(connection);
      await connection.connect();
      return connection;
    },
    kill,
    start: async () => {
      child = await spawnRedis(port, directory, settings);
    },
    stop: async () => {
      for (const connection of connections) connection.destroy();
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function spawnRedis(port: number, directory: string, settings: readonly string[]): Promise<ChildProcess> {
  const persistence = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, ...persistence, ...settings];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    let log = '';
    child.once('error', (error) => reject(new Error('redis-server is needed for the tests', { cause: error })));
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${log}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('Ready to accept connections')) resolve();
    });
  });
  child.removeAllListeners('exit');
  return child;
}
