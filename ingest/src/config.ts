/** The ingest service's settings. */
import { parseConfig, type Config, type Environment } from '@postback/core/config';
import { commonSettings, defaultValueSetting } from '@postback/core/commonSettings';
import { duration, integer, port } from '@postback/core/settings';

export const ingestSettings = {
  ...commonSettings,
  INGEST_PORT: port({ default: '8081', description: 'Port of the ingest service.' }),
  DEFAULT_VALUE: defaultValueSetting,
  MAX_BODY_BYTES: integer({
    default: '1048576',
    min: 1_024,
    max: 67_108_864,
    description: 'The largest request body, in bytes. nginx refuses larger ones too.',
  }),
  ENQUEUE_TIMEOUT: duration({
    default: '900ms',
    minMs: 50,
    maxMs: 60_000,
    description: 'A request that Redis has not confirmed after so long is answered with 503.',
  }),
};

export type IngestConfig = Config<typeof ingestSettings>;

/** @throws ConfigError naming each faulty variable */
export function parseIngestConfig(env: Environment): IngestConfig {
  return parseConfig(ingestSettings, env);
}
