/** The ingest service's settings. */
import { openDoorsFault } from '@postback/core/access/openDoors';
import { ConfigError, parseConfig, secretFile, type Config, type Environment } from '@postback/core/config';
import { attemptSettings } from '@postback/core/attemptSettings';
import {
  allowedTargetsSetting,
  commonSettings,
  defaultValueSetting,
  durabilitySetting,
  secretsDirSetting,
} from '@postback/core/commonSettings';
import { retrySettings } from '@postback/core/retrySettings';
import { byteSize, duration, integer, oneOf, port, text } from '@postback/core/settings';
import { accessSettings } from './access/settings.js';
import { destinationQuotaSetting } from './destinationQuota.js';

export const ingestSettings = {
  ...commonSettings,
  INGEST_PORT: port({ default: '8081', description: 'Port of the ingest service.' }),
  ...accessSettings,
  DEFAULT_VALUE: defaultValueSetting,
  SECRETS_DIR: secretsDirSetting,
  ALLOWED_TARGETS: allowedTargetsSetting,
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
  DURABILITY: durabilitySetting,
  DURABILITY_CHECK: oneOf(['on', 'off'], {
    default: 'on',
    description: 'off: take it on trust that Redis keeps what DURABILITY says. For a Redis that forbids CONFIG.',
  }),
  MAX_BACKLOG: integer({
    default: '5000000',
    min: 1,
    max: 1_000_000_000,
    description:
      'Postbacks waiting, under way, delayed or parked; a request that would exceed it is answered with 503.',
  }),
  MEMORY_SHED_PERCENT: integer({
    default: '75',
    min: 5,
    max: 95,
    description:
      'Share of the maxmemory of Redis from which on requests are answered with 503. The rest is for moving what is there.',
  }),
  DESTINATION_MAX_BACKLOG: destinationQuotaSetting({
    default: '50%',
    description:
      'How much may be parked for one destination, as a share of the memory that requests are taken up to (MEMORY_SHED_PERCENT) or ' +
      'as a size (512mb). Beyond it, requests for this destination are answered with 503, others are not. 100%: no limit of its own.',
  }),
  MIN_DISK_FREE: byteSize({
    default: '1gb',
    description: 'With less free space where Redis writes, requests are answered with 503. 0: not checked.',
  }),
  REDIS_DATA_DIR: text({
    default: '',
    description:
      'The directory of the data of Redis, seen from ingest, for MIN_DISK_FREE. Set by the stack; empty: its disk is not seen.',
  }),
  IDEMPOTENCY_TTL: duration({
    default: '24h',
    minMs: 1_000,
    maxMs: 2_592_000_000,
    description: 'How long the answer to a request with an Idempotency-Key is remembered.',
  }),
  ...attemptSettings,
  ...retrySettings,
  MAX_DELAY: duration({
    default: '30d',
    minMs: 0,
    maxMs: 31_536_000_000,
    description:
      'The longest delay of a first attempt, and the longest step of a retry schedule, that a request may set.',
  }),
  TTL_MAX: duration({
    default: '30d',
    minMs: 50,
    maxMs: 31_536_000_000,
    description: 'The longest ttl that a request may set.',
  }),
  RETRY_ATTEMPTS_MAX: integer({
    default: '20',
    min: 1,
    max: 100,
    description: 'The most attempts that a request may set.',
  }),
};

export type IngestConfig = Config<typeof ingestSettings> & {
  /** The file that the API keys came from, to be followed. */
  readonly apiKeysFile: string | undefined;
};

/** @throws ConfigError naming each faulty variable */
export function parseIngestConfig(env: Environment): IngestConfig {
  const config = parseConfig(ingestSettings, env);
  const fault = openDoorsFault(config.HTTP_BIND, { INGEST_API_KEYS: config.INGEST_API_KEYS.length > 0 });
  if (fault !== undefined) throw new ConfigError([fault]);
  return Object.freeze({ ...config, apiKeysFile: secretFile('INGEST_API_KEYS', env) });
}
