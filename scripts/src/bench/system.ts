/**
 * The systems that are compared. Each runs behind the same nginx, with the same Redis configuration where it has one, and sends to the
 * same sink; its state is in a temporary directory that goes with it.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '@postback/core/config';
import { silentLogger } from '@postback/core/logger';
import { createRedis, type RedisConnection } from '@postback/core/redis';
import type { Layout } from '../local/layout.js';
import { PortPicker } from '../local/ports.js';
import { awaitReady } from '../local/readiness.js';
import { serviceSpecs, type ServiceSpec, type StackPorts } from '../local/serviceSpecs.js';
import { parseLocalConfig } from '../local/settings.js';
import { OwnedProcess } from '../ownedProcess.js';
import { makeTemporaryLayout } from '../temporaryLayout.js';

export const SYSTEM_NAMES = ['postback', 'bullmq', 'floor'] as const;
export type SystemName = (typeof SYSTEM_NAMES)[number];
export type Durability = 'always' | 'everysec';

export interface System {
  readonly name: SystemName;
  /** Base URL of its nginx. */
  readonly url: string;
  readonly sinkUrl: string;
  /** The resolver that the stack asks; undefined: the machine's. */
  readonly dnsServers: string | undefined;
  /** Of everything that belongs to the system: nginx, its services, Redis. Not the sink, nor the generator. */
  pids(): number[];
  /** Of the processes that send; none for the floor. */
  readonly workers: readonly OwnedProcess[];
  /** Undefined for the floor. */
  readonly redis: RedisConnection | undefined;
  untilReady(): Promise<void>;
  stop(): Promise<void>;
}

export interface SystemOptions {
  readonly name: SystemName;
  readonly durability: Durability;
  /** REDIS_MAXMEMORY; by default what users get. */
  readonly redisMaxMemory?: string;
  /** Delivery processes of our own stack; 1 by default. */
  readonly workers?: number;
  /** `sink`: the stack asks the sink for names, below sink.test there are as many as one likes. */
  readonly resolver?: 'sink';
  /** The Node that all services run on. */
  readonly node: string;
  readonly env: Environment;
}

const PASSWORD = 'bench';
const READY_MS = 30_000;

export async function startSystem(options: SystemOptions): Promise<System> {
  const layout = makeTemporaryLayout('postback-bench-', PASSWORD);
  const { name, node } = options;
  const ports = await pickPorts(options.workers ?? 1);
  const config = parseLocalConfig({ HTTP_PORT: String(ports.http) });
  const dnsServers = options.resolver === 'sink' ? `127.0.0.1:${ports.sink}` : undefined;
  const plan = { layout, config, env: { ...options.env, ...settingsOf(options, dnsServers) }, node, ports };
  const specs = specsOf(name, serviceSpecs(plan), ports, { layout, node });
  const processes = specs.map((spec) => new OwnedProcess(spec, join(layout.logDir, `${spec.name}.log`)));
  for (const process of processes) process.start();
  const redis = name === 'floor' ? undefined : await connect(ports);
  const untilReady = async () => {
    const waiting = await awaitReady(() => specs as never, READY_MS);
    if (waiting.length > 0) throw new Error(`${name} did not become ready: ${waiting[0]?.name}: ${waiting[0]?.reason}`);
  };
  const system: System = {
    name,
    url: `http://127.0.0.1:${ports.http}`,
    sinkUrl: `http://127.0.0.1:${ports.sink}`,
    dnsServers,
    pids: () => processes.filter(({ spec }) => spec.name !== 'sink').map(({ pid }) => pid),
    workers: processes.filter(({ spec }) => spec.name.startsWith('delivery')),
    redis,
    untilReady,
    stop: async () => {
      redis?.destroy();
      await Promise.all(processes.map((process) => process.dispose()));
      rmSync(layout.stateDir, { recursive: true, force: true });
    },
  };
  await untilReady().catch(async (error: unknown) => {
    await system.stop();
    throw error;
  });
  return system;
}

function settingsOf({ durability, redisMaxMemory }: SystemOptions, dnsServers: string | undefined): Environment {
  return {
    DURABILITY: durability,
    ...(redisMaxMemory === undefined ? {} : { REDIS_MAXMEMORY: redisMaxMemory }),
    ...(dnsServers === undefined ? {} : { DNS_SERVERS: dnsServers }),
  };
}

type Ports = StackPorts & { readonly redis: number; readonly http: number };

async function pickPorts(workers: number): Promise<Ports> {
  const picker = new PortPicker();
  const pick = () => picker.pick(0);
  const [redis, http, sink, dashboard, ingest] = [await pick(), await pick(), await pick(), await pick(), await pick()];
  const delivery: number[] = [];
  while (delivery.length < workers) delivery.push(await pick());
  return { redis, http, sink, dashboard, ingest: [ingest], delivery };
}

/** Of our own stack everything that users run; the others take its Redis, nginx and sink, and bring the rest. */
function specsOf(
  name: SystemName,
  ours: readonly ServiceSpec[],
  ports: Ports,
  { layout, node }: { layout: Layout; node: string },
): readonly ServiceSpec[] {
  if (name === 'postback') return ours;
  const shared = ours.filter((spec) => ['sink', 'nginx', ...(name === 'floor' ? [] : ['redis'])].includes(spec.name));
  const [ingest = 0] = ports.ingest;
  const [delivery = 0] = ports.delivery;
  const peer = (service: string, script: string, port: number): ServiceSpec => ({
    name: service,
    command: node,
    args: [join(layout.root, 'loadtest/dist/peers', script)],
    env: {
      NODE_ENV: 'production',
      REDIS_URL: `redis://operator@127.0.0.1:${ports.redis}`,
      REDIS_PASSWORD: PASSWORD,
      INGEST_PORT: String(ingest),
      DELIVERY_PORT: String(delivery),
    },
    stopSignal: 'SIGTERM',
    readyUrl: `http://127.0.0.1:${port}/readyz`,
  });
  if (name === 'floor') return [...shared, peer('ingest-1', 'floor.js', ingest)];
  return [...shared, peer('ingest-1', 'bullmqIngest.js', ingest), peer('delivery-1', 'bullmqWorker.js', delivery)];
}

async function connect({ redis: port }: Ports): Promise<RedisConnection> {
  const redis = createRedis({
    url: `redis://operator@127.0.0.1:${port}`,
    password: PASSWORD,
    name: 'bench',
    logger: silentLogger,
  });
  await redis.connect();
  return redis;
}
