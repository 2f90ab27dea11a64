/** What holds for one postback: the settings of the installation, of its endpoint and of its own request. Pure. */
import { longestAttemptMs } from '@postback/core/attemptSettings';
import { firstDueAt, type Postback } from '@postback/core/queue/entry';
import type { CompiledEndpoint } from '@postback/core/template/compileEndpoint';
import { parseStatuses } from '@postback/core/template/statuses';
import type { DeliveryConfig } from './config.js';

export interface Policy {
  /** Waits before the 2nd, 3rd … attempt; the last one repeats. */
  readonly scheduleMs: readonly number[];
  /** At most, the first one included. */
  readonly attempts: number;
  readonly success: ReadonlySet<number>;
  readonly retry: ReadonlySet<number>;
  /** From when the first attempt was due. */
  readonly ttlMs: number;
  /** Deadline of one attempt. */
  readonly timeoutMs: number;
  /** What no request can exceed: claiming relies on it. */
  readonly timeoutMaxMs: number;
  readonly retryAfterMaxMs: number;
}

export function defaultPolicy(config: DeliveryConfig): Policy {
  return {
    scheduleMs: config.RETRY_SCHEDULE,
    attempts: config.RETRY_ATTEMPTS,
    success: config.SUCCESS_STATUSES,
    retry: config.RETRY_STATUSES,
    ttlMs: config.TTL,
    timeoutMs: config.ATTEMPT_TIMEOUT,
    timeoutMaxMs: longestAttemptMs(config),
    retryAfterMaxMs: config.RETRY_AFTER_MAX,
  };
}

/** The endpoint's success statuses replace the default; the request's retry statuses come on top of it. */
export function policyOf(
  { settings }: Pick<Postback, 'settings'>,
  { success }: Pick<CompiledEndpoint, 'success'>,
  defaults: Policy,
): Policy {
  const policy = success ? { ...defaults, success } : defaults;
  if (!settings) return policy;
  const more = parseStatuses(settings.retryStatuses);
  return {
    ...policy,
    scheduleMs: settings.scheduleMs ?? policy.scheduleMs,
    attempts: settings.attempts ?? policy.attempts,
    retry: more ? new Set([...policy.retry, ...more]) : policy.retry,
    ttlMs: settings.ttlMs ?? policy.ttlMs,
    timeoutMs: Math.min(settings.timeoutMs ?? policy.timeoutMs, policy.timeoutMaxMs),
  };
}

/** No attempt begins at this time or later, ms since the epoch by Redis's clock. */
export function expiresAt(postback: Postback, { ttlMs }: Policy): number {
  return firstDueAt(postback) + ttlMs;
}
