/**
 * The environment of the two processes. What the load generator reads here are only the defaults of its options
 * (generator/options.ts); whoever starts it for a stack sets them once.
 */
import { commonSettings } from '@postback/core/commonSettings';
import { parseConfig, type Config, type Environment } from '@postback/core/config';
import { port, text, url } from '@postback/core/settings';

export const sinkSettings = {
  LISTEN_HOST: commonSettings.LISTEN_HOST,
  LOG_LEVEL: commonSettings.LOG_LEVEL,
  SINK_PORT: port({ default: '8090', description: 'Port of the sink, the local third party of demo and load test.' }),
};

export const loadtestSettings = {
  TARGET_URL: url(['http:', 'https:'], {
    default: 'http://127.0.0.1:8080',
    description: 'Where the load test posts to: the base URL of nginx.',
  }),
  SINK_URL: url(['http:', 'https:'], {
    default: 'http://127.0.0.1:8090',
    description: 'The sink as the delivery service reaches it.',
  }),
  SINK_CONTROL_URL: text({
    default: '',
    description: 'The sink as the load generator reaches it; empty: the same as SINK_URL.',
  }),
  STACK_DNS_SERVERS: text({
    default: '',
    description: 'The DNS_SERVERS that the stack runs with. Set by the stack.',
  }),
  INGEST_API_KEY: text({ default: '', secret: true, description: 'The API key that the load generator presents.' }),
};

export type SinkConfig = Config<typeof sinkSettings>;
export type LoadtestConfig = Config<typeof loadtestSettings>;

/** @throws ConfigError naming each faulty variable */
export function parseSinkConfig(env: Environment): SinkConfig {
  return parseConfig(sinkSettings, env);
}

/** @throws ConfigError naming each faulty variable */
export function parseLoadtestConfig(env: Environment): LoadtestConfig {
  return parseConfig(loadtestSettings, env);
}
