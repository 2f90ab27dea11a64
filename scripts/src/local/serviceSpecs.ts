/** What the local stack runs: for each process its command, environment, stop signal and readiness address. Pure. */
import { join, resolve } from 'node:path';
import type { Environment } from '@postback/core/config';
import type { Layout } from './layout.js';
import { destinationPorts } from '@postback/loadtest/destinationPorts';
import { baseUrlOf, type LocalConfig } from './settings.js';

export interface ServiceSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly stopSignal: NodeJS.Signals;
  readonly readyUrl: string | undefined;
}

export interface StackPorts {
  /** `undefined`: REDIS_URL names one that is not ours. */
  readonly redis: number | undefined;
  readonly ingest: readonly number[];
  /** Of the ingest that runs only during an upgrade. */
  readonly spare?: number;
  readonly delivery: readonly number[];
  readonly dashboard: number;
  readonly sink: number;
}

export interface StackPlan {
  readonly layout: Layout;
  readonly config: LocalConfig;
  /** `.env` and environment: goes to every process. */
  readonly env: Environment;
  /** The Node that runs the services. */
  readonly node: string;
  readonly ports: StackPorts;
}

/** In the order of starting; they are stopped in STOP_ORDER. */
export function serviceSpecs(plan: StackPlan): readonly ServiceSpec[] {
  const { ports } = plan;
  return [
    ...(ports.redis === undefined ? [] : [redisSpec(plan, ports.redis)]),
    ...ports.ingest.map((port, index) =>
      nodeSpec(plan, `ingest-${index + 1}`, 'ingest/dist/main.js', { INGEST_PORT: port }),
    ),
    ...ports.delivery.map((port, index) =>
      nodeSpec(plan, `delivery-${index + 1}`, 'delivery/dist/main.js', { DELIVERY_PORT: port }),
    ),
    nodeSpec(plan, 'dashboard', 'dashboard/dist/main.js', { DASHBOARD_PORT: ports.dashboard }),
    nodeSpec(plan, 'sink', 'loadtest/dist/sinkMain.js', { SINK_PORT: ports.sink }),
    nginxSpec(plan),
  ];
}

/** First the door, then who takes in, then who sends out, and the memory last: nothing that was accepted is cut off. */
export const STOP_ORDER: readonly RegExp[] = [/^nginx/, /^ingest/, /^delivery/, /^dashboard|^sink/, /^redis/];

/** Takes the requests while an ingest is replaced. */
export const SPARE = 'ingest-spare';

export function spareSpec(plan: StackPlan, port: number): ServiceSpec {
  return nodeSpec(plan, SPARE, 'ingest/dist/main.js', { INGEST_PORT: port });
}

/** The ports with that of one delivery, `delivery-<n>`, exchanged. */
export function withDeliveryPort(ports: StackPorts, name: string, port: number): StackPorts {
  const delivery = ports.delivery.map((old, index) => (name === `delivery-${index + 1}` ? port : old));
  return { ...ports, delivery };
}

/** As in the Dockerfile. V8 would let the part of new objects grow to 100 MB, which takes memory and gains little. */
const NODE_FLAGS = ['--max-semi-space-size=8'];

function nodeSpec(plan: StackPlan, name: string, script: string, port: Readonly<Record<string, number>>): ServiceSpec {
  const [[variable, number] = ['', 0]] = Object.entries(port);
  const path = name === 'sink' ? 'healthz' : 'readyz';
  return {
    name,
    command: plan.node,
    args: [...(name === 'sink' ? [] : NODE_FLAGS), join(plan.layout.root, script)],
    env: { ...plan.env, ...serviceEnv(plan, name), [variable]: String(number) },
    stopSignal: 'SIGTERM',
    readyUrl: `http://127.0.0.1:${number}/${path}`,
  };
}

function serviceEnv({ layout, env, ports }: StackPlan, name: string): Environment {
  const sinkPorts = [ports.sink, ...destinationPorts(ports.sink)];
  const sink = [`localhost:${ports.sink}`, ...sinkPorts.map((port) => `127.0.0.1:${port}`)].join(',');
  const [user = ''] = name.split('-'); // in Redis; redis/users says what it may do
  const ownRedis = {
    REDIS_URL: `redis://${user}@127.0.0.1:${ports.redis}`,
    REDIS_PASSWORD_FILE: `${layout.passwordFile}-${user}`, // as redis/write-password.sh names it
  };
  const ownDisk = { REDIS_DATA_DIR: layout.redisDir };
  return {
    NODE_ENV: 'production',
    LISTEN_HOST: '127.0.0.1',
    ALLOWED_TARGETS: env['ALLOWED_TARGETS'] ?? sink,
    SECRETS_DIR: resolve(layout.root, env['SECRETS_DIR'] || 'secrets'),
    ...(ports.redis === undefined ? {} : { ...ownRedis, ...ownDisk }),
  };
}

function redisSpec({ layout, env }: StackPlan, port: number): ServiceSpec {
  return {
    name: 'redis',
    command: 'sh',
    args: [join(layout.root, 'redis/run.sh')],
    env: {
      ...env,
      REDIS_PASSWORD_FILE: layout.passwordFile,
      REDIS_BIND: '127.0.0.1',
      REDIS_PORT: String(port),
      REDIS_DIR: layout.redisDir,
      REDIS_RUN_DIR: layout.runDir,
    },
    stopSignal: 'SIGTERM',
    readyUrl: undefined, // the services' readiness says it
  };
}

function nginxSpec({ layout, config, env, ports }: StackPlan): ServiceSpec {
  const addresses = (list: readonly number[]) => list.map((port) => `127.0.0.1:${port}`).join(' ');
  const host = config.HTTP_BIND.includes(':') ? `[${config.HTTP_BIND}]` : config.HTTP_BIND;
  const isTls = config.HTTPS_PORT !== undefined;
  return {
    name: 'nginx',
    command: 'sh',
    args: [join(layout.root, 'nginx/run.sh')],
    env: {
      ...env,
      NGINX_DIR: layout.nginxDir,
      // With TLS for everybody, plain HTTP is for this machine.
      LISTEN: `${isTls ? '127.0.0.1' : host}:${config.HTTP_PORT}`,
      TLS_LISTEN: isTls ? `${host}:${config.HTTPS_PORT}` : '',
      INGEST_SERVERS: addresses(ports.ingest),
      INGEST_BACKUP: addresses(ports.spare === undefined ? [] : [ports.spare]),
      DASHBOARD_SERVERS: addresses([ports.dashboard]),
      SINK_SERVER: addresses([ports.sink]),
    },
    stopSignal: 'SIGQUIT', // lets requests in flight finish; SIGTERM cuts them off
    readyUrl: `${baseUrlOf(config)}/healthz/nginx`,
  };
}
