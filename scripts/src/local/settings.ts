/**
 * Settings of the stack as a whole, whichever way it runs: those of nginx, of the replicas and of Redis. All others belong to the
 * services, which check them themselves.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { bindSetting, durabilitySetting } from '@postback/core/commonSettings';
import { parseConfig, type Config, type Environment } from '@postback/core/config';
import { integer, port, text } from '@postback/core/settings';
import { edgeSettings, tlsSettings } from './edgeSettings.js';

const replicas = (service: string) =>
  integer({ description: `How many ${service} processes or containers run.`, default: '1', min: 1, max: 32 });

export const stackSettings = {
  HTTP_BIND: bindSetting,
  HTTP_PORT: port({ description: 'The port that nginx listens on.', default: '8080' }),
  ...tlsSettings,
  ...edgeSettings,
  INGEST_REPLICAS: replicas('ingest'),
  DELIVERY_REPLICAS: replicas('delivery'),
  REDIS_URL: text({ description: 'A Redis to use instead of the one of the stack.', default: '' }),
  DURABILITY: durabilitySetting,
  REDIS_MAXMEMORY: text({ description: 'Beyond this Redis takes no more, and ingest answers 503.', default: '512mb' }),
  REDIS_MEMORY_LIMIT: text({
    description: 'Memory of the Redis container, at least 1.6 times REDIS_MAXMEMORY. Not used in local mode.',
    default: '1g',
  }),
  CONTAINER_CPUS: text({
    description:
      'Processors that each container may use at most, not more than the machine has; a fraction is fine. Not used in local mode.',
    default: '1',
  }),
  PROMETHEUS_PORT: port({
    description: 'The port on loopback of Prometheus (Compose profile observability).',
    default: '9090',
  }),
  GRAFANA_PORT: port({
    description: 'The port on loopback of Grafana (Compose profile observability).',
    default: '3000',
  }),
};

export type LocalConfig = Config<typeof stackSettings>;

/** @throws ConfigError naming each faulty variable */
export function parseLocalConfig(env: Environment): LocalConfig {
  return parseConfig(stackSettings, env);
}

/** `.env`, then the environment over it. A variable that is set but empty counts as unset, as everywhere. */
export function readEnvironment(root: string, processEnv: Environment): Environment {
  const file = join(root, '.env');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const set = Object.entries(processEnv).filter(([, value]) => value !== undefined && value !== '');
  return { ...fromFile, ...Object.fromEntries(set) };
}

/** How a client on this machine reaches nginx. */
export function baseUrlOf(config: LocalConfig): string {
  const everywhere = config.HTTPS_PORT !== undefined || config.HTTP_BIND === '0.0.0.0' || config.HTTP_BIND === '::';
  return `http://${everywhere ? '127.0.0.1' : config.HTTP_BIND}:${config.HTTP_PORT}`;
}
