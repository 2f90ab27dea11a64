/** The delivery service's settings, and the rules that tie them to each other. */
import { ConfigError, parseConfig, type Config, type Environment } from '@postback/core/config';
import type { BreakerRules } from './fair/breaker.js';
import { parseHostRate } from './fair/rates.js';
import { attemptSettings, longestAttemptMs } from '@postback/core/attemptSettings';
import {
  allowedTargetsSetting,
  commonSettings,
  defaultValueSetting,
  secretsDirSetting,
} from '@postback/core/commonSettings';
import { retrySettings } from '@postback/core/retrySettings';
import { duration, integer, optional, list, oneOf, port, secret, statuses } from '@postback/core/settings';
import { parseDnsServer } from './dns/server.js';
import { parseEgressProxy } from './http/egressProxy.js';
import { keptAttemptsSettings } from '@postback/core/queue/keptAttemptsSettings';
import { redactSetting } from '@postback/core/redact/redactSetting';
import { RESPONSE_BODY_RULES } from './responseBody.js';
import { parseSigningSecrets } from './signing/signingKeys.js';

/** Who waits longer for a slot is parked. */
const LONGEST_WAIT_MS = 1_000;

export const deliverySettings = {
  ...commonSettings,
  DELIVERY_PORT: port({ default: '8082', description: 'Port of the health endpoints of the delivery service.' }),
  DELIVERY_CONCURRENCY: integer({
    default: '64',
    min: 1,
    max: 10_000,
    description: 'Attempts under way at the same time, per delivery process.',
  }),
  ...attemptSettings,
  SUCCESS_STATUSES: statuses({
    default: '2xx',
    description: 'Answers that count as delivered, unless the endpoint names its own.',
  }),
  RETRY_STATUSES: statuses({
    default: '408,425,429,5xx',
    description: 'Answers that are tried again. What is neither here nor a success is final.',
  }),
  RETRY_AFTER_MAX: duration({
    default: '1h',
    minMs: 0,
    maxMs: 604_800_000,
    description: 'How long a Retry-After in an answer 429 or 503 may make the next attempt wait.',
  }),
  ...retrySettings,
  DEFAULT_VALUE: defaultValueSetting,
  SECRETS_DIR: secretsDirSetting,
  ALLOWED_TARGETS: allowedTargetsSetting,
  DNS_TIMEOUT: duration({
    default: '3s',
    minMs: 50,
    maxMs: 60_000,
    description: 'How long a name may take to be resolved; an attempt whose name takes longer fails.',
  }),
  DNS_SERVERS: list(
    { default: '', description: 'Comma list of resolvers, address or address:port. Empty: those of the system.' },
    parseDnsServer,
  ),
  EGRESS_PROXY: secret(
    {
      default: '',
      description:
        'A proxy that postbacks go through: http://host:port or https://host:port, with user:password@ if needed. It must allow CONNECT ' +
        'to the targets. HTTP_PROXY and its like are ignored. Empty: none.',
    },
    parseEgressProxy,
  ),
  LOG_RESPONSE_BODY: oneOf(RESPONSE_BODY_RULES, {
    default: 'always',
    description:
      'Whose answers are kept, up to 2 KiB, in the log, with the attempts and with dead letters: of all attempts, of those that failed, or of none.',
  }),
  REDACT: redactSetting,
  ...keptAttemptsSettings,
  SIGNING_SECRETS: secret(
    {
      default: '',
      description:
        'Signs each attempt by Standard Webhooks: whsec_ and the base64 of 24 to 64 random bytes. Two, the newest first, while ' +
        'receivers change from one to the other. Empty: nothing is signed.',
    },
    parseSigningSecrets,
  ),
  CLAIM_IDLE: duration({
    default: '30s',
    minMs: 200,
    maxMs: 3_600_000,
    description:
      'A postback that its worker has not settled for so long is taken over by another. More than twice the longest attempt.',
  }),
  BREAKER_FAILURE_SHARE: integer({
    default: '50',
    min: 10,
    max: 100,
    description:
      'Per cent of the attempts: a destination that fails more often, for long, is left alone; its postbacks are parked.',
  }),
  BREAKER_MIN_SAMPLES: integer({
    default: '15',
    min: 1,
    max: 10_000,
    description: 'So many failures in a row are enough for that.',
  }),
  BREAKER_OPEN: duration({
    default: '5s',
    minMs: 50,
    maxMs: 86_400_000,
    description: 'How long it is left alone before one probe; twice as long after each probe that fails.',
  }),
  BREAKER_OPEN_MAX: duration({
    default: '1m',
    minMs: 50,
    maxMs: 86_400_000,
    description: 'At most so long between two probes.',
  }),
  DESTINATION_RATE: optional(
    integer({
      min: 1,
      max: 999_999,
      description:
        'Attempts per second to one destination (scheme, host and port) over all workers; what is more is parked. Unset: no limit.',
    }),
  ),
  DESTINATION_RATES: list(
    { default: '', description: 'Other rates for some: comma list of host=rate or host:port=rate.' },
    parseHostRate,
  ),
  SHUTDOWN_TIMEOUT: duration({
    default: '10s',
    minMs: 0,
    maxMs: 600_000,
    description: 'On SIGTERM: how long attempts under way may take; what is left is handed back to the queue.',
  }),
};

export type DeliveryConfig = Config<typeof deliverySettings>;

/** @throws ConfigError naming each faulty variable */
export function parseDeliveryConfig(env: Environment): DeliveryConfig {
  const config = parseConfig(deliverySettings, env);
  const longestMs = longestAttemptMs(config);
  if (config.CLAIM_IDLE <= 2 * longestMs) {
    const name = longestMs === config.ATTEMPT_TIMEOUT ? 'ATTEMPT_TIMEOUT' : 'ATTEMPT_TIMEOUT_MAX';
    const fault = `expected more than twice ${name} (${longestMs}ms), got ${config.CLAIM_IDLE}ms`;
    throw new ConfigError([`invalid setting CLAIM_IDLE: ${fault}; a postback under way would be taken over`]);
  }
  return config;
}

export function breakerRules(config: DeliveryConfig): BreakerRules {
  return {
    failureShare: config.BREAKER_FAILURE_SHARE / 100,
    minSamples: config.BREAKER_MIN_SAMPLES,
    openMs: config.BREAKER_OPEN,
    openMaxMs: config.BREAKER_OPEN_MAX,
  };
}

/** How long a postback may wait in memory: so short that it is not claimed by another, not even after the longest attempt. */
export function maxWaitMs(config: DeliveryConfig): number {
  return Math.min(LONGEST_WAIT_MS, (config.CLAIM_IDLE - longestAttemptMs(config)) / 2);
}
