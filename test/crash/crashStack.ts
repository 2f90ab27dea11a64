/**
 * A whole stack on loopback, made of the same commands and settings as the local one (scripts/src/local/serviceSpecs.ts), with
 * times scaled down, its state in a temporary directory, and every process in the hands of the scenario.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '@postback/core/config';
import { silentLogger } from '@postback/core/logger';
import { queueKeys } from '@postback/core/queue/keys';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import { createRedis, type RedisConnection } from '@postback/core/redis';
import { eventually } from '@postback/core/testing/eventually';
import { layoutOf, repositoryRoot, type Layout } from '../../scripts/src/local/layout.js';
import { ensureNode24 } from '../../scripts/src/local/node24.js';
import { PortPicker } from '../../scripts/src/local/ports.js';
import { whyNotReady } from '../../scripts/src/local/readiness.js';
import { serviceSpecs, type ServiceSpec, type StackPorts } from '../../scripts/src/local/serviceSpecs.js';
import { parseLocalConfig } from '../../scripts/src/local/settings.js';
import { makeTemporaryLayout } from '../../scripts/src/temporaryLayout.js';
import { searchPath } from '../../scripts/src/local/systemPackages.js';
import { OwnedProcess } from '../../scripts/src/ownedProcess.js';

export interface StackOptions {
  readonly ingest?: number;
  readonly delivery?: number;
  readonly env?: Environment;
}

export interface CrashStack {
  readonly options: StackOptions;
  readonly ports: StackPorts & { readonly redis: number };
  readonly layout: Layout;
  readonly httpUrl: string;
  readonly sinkUrl: string;
  readonly queue: Queue;
  readonly redis: RedisConnection;
  /** By name: redis, ingest-1 …, delivery-1 …, sink, nginx. */
  process(name: string): OwnedProcess;
  /** Changes how a process is started from its next start on. */
  alter(name: string, change: (spec: ServiceSpec) => ServiceSpec): void;
  /** Starts these processes and waits until they are ready. */
  start(...names: string[]): Promise<void>;
  /** Until Redis answers. */
  untilLoaded: () => Promise<void>;
  /** Starts Redis, the sink, all ingests and workers. */
  startAll(): Promise<void>;
  /** Ends everything. The logs stay when something went wrong. */
  dispose(keepLogs: boolean): Promise<void>;
}

const PASSWORD = 'crash-suite';
/** Everything that takes seconds or minutes in production, scaled down. */
const FAST: Environment = {
  RETRY_SCHEDULE: '50ms,100ms,200ms',
  RETRY_ATTEMPTS: '100',
  CLAIM_IDLE: '1500ms',
  ATTEMPT_TIMEOUT: '700ms', // as much as that claim idle allows: on a busy machine an answer may take its time
  SHUTDOWN_TIMEOUT: '3s',
  BREAKER_OPEN: '200ms',
  BREAKER_OPEN_MAX: '400ms',
  LOG_LEVEL: 'warn',
};
/** For a third party whose every postback fails at first: no breaker comes between the attempts. */
export const WITHOUT_BREAKER: Environment = { BREAKER_MIN_SAMPLES: '10000' };
const READY_MS = 20_000;

export async function createStack(options: StackOptions): Promise<CrashStack> {
  const layout = makeTemporaryLayout('postback-crash-', PASSWORD);
  const picker = new PortPicker();
  const ports = await pickPorts(picker, options);
  const httpPort = await picker.pick(0);
  const env = { PATH: searchPath(process.env['PATH']), DURABILITY: 'always', ...FAST, ...options.env };
  const config = parseLocalConfig({ HTTP_PORT: String(httpPort) });
  const nodeLayout = layoutOf(repositoryRoot); // a Node that has been installed is used again
  const node = ensureNode24(nodeLayout, () => undefined);
  const processes = new Map(
    serviceSpecs({ layout, config, env, node, ports }).map((spec) => [
      spec.name,
      new OwnedProcess(spec, join(layout.logDir, `${spec.name}.log`)),
    ]),
  );
  const find = (name: string): OwnedProcess => {
    const found = processes.get(name);
    if (!found) throw new Error(`the stack has no ${name}`);
    return found;
  };
  const url = `redis://operator@127.0.0.1:${ports.redis}`;
  const redis = createRedis({ url, password: PASSWORD, name: 'crash-suite', logger: silentLogger });
  let connecting: Promise<void> | undefined;

  const untilLoaded = async () => {
    await (connecting ??= redis.connect());
    const ping = () => redis.send('', ['PING']).catch(() => undefined);
    await eventually('Redis answers', ping, READY_MS);
  };
  const start = async (...names: string[]) => {
    for (const name of names) find(name).start();
    if (names.includes('redis')) await untilLoaded();
    await Promise.all(names.map((name) => untilReady(find(name))));
  };
  return {
    options,
    ports,
    layout,
    httpUrl: `http://127.0.0.1:${httpPort}`,
    sinkUrl: `http://127.0.0.1:${ports.sink}`,
    redis,
    queue: createQueue(redis, queueKeys(0)),
    process: find,
    alter: (name, change) => void (find(name).spec = change(find(name).spec)),
    start,
    untilLoaded,
    startAll: async () => {
      await start('redis', 'sink');
      const services = [...processes.keys()].filter((name) => /^(ingest|delivery)-/.test(name));
      await start(...services);
    },
    dispose: async (keepLogs) => {
      redis.destroy();
      await Promise.all([...processes.values()].map((process) => process.dispose()));
      if (!keepLogs) rmSync(layout.stateDir, { recursive: true, force: true });
    },
  };
}

/** Starts a Node process with one of faults/*.js loaded before its own code. */
export function withFault(fault: string, env: Environment = {}) {
  const file = join(repositoryRoot, 'test/crash/faults', `${fault}.js`);
  return (spec: ServiceSpec): ServiceSpec => ({
    ...spec,
    args: ['--require', file, ...spec.args],
    env: { ...spec.env, ...env },
  });
}

/** Redis as it was configured before, with further arguments that win. */
export function withRedisArguments(stack: CrashStack, ...args: string[]) {
  const conf = join(stack.layout.runDir, 'redis.conf');
  return (spec: ServiceSpec): ServiceSpec => ({ ...spec, command: 'redis-server', args: [conf, ...args] });
}

async function untilReady(process: OwnedProcess): Promise<void> {
  const { name, readyUrl } = process.spec;
  await eventually(`${name} is ready`, async () => !(await whyNotReady({ readyUrl } as never)), READY_MS);
}

async function pickPorts(picker: PortPicker, { ingest = 1, delivery = 1 }: StackOptions) {
  const several = async (count: number) => {
    const picked: number[] = [];
    while (picked.length < count) picked.push(await picker.pick(0));
    return picked;
  };
  const [redis = 0, dashboard = 0, sink = 0] = await several(3);
  return { redis, dashboard, sink, ingest: await several(ingest), delivery: await several(delivery) };
}
