/** Follows conditions from round to round: each is logged once when it starts and once when it ends, with its length. */
import type { Clock } from '@postback/core/clock';
import type { Logger } from '@postback/core/logger';
import type { Condition } from './conditions.js';

export type LogConditions = (conditions: readonly Condition[]) => void;

/** @returns to be called with what holds after each round */
export function conditionLog({ logger, clock }: { logger: Logger; clock: Clock }): LogConditions {
  const since = new Map<string, number>();
  return (conditions) => {
    const now = clock.monotonic();
    for (const condition of conditions) {
      if (since.has(condition.name)) continue;
      since.set(condition.name, now);
      logStart(logger, condition);
    }
    const names = new Set(conditions.map(({ name }) => name));
    for (const [condition, startedAt] of since) {
      if (names.has(condition)) continue;
      since.delete(condition);
      logger.info('redis.condition_ended', { condition, lasted_ms: Math.round(now - startedAt) });
    }
  };
}

/** Memory comes back by itself as postbacks are delivered; the other refusals wait for an operator. */
function logStart(logger: Logger, { name, detail, refusal }: Condition): void {
  const mustAct = refusal === 'durability-unmet' || refusal === 'storage-low';
  const fields = { condition: name, detail, refuses: refusal ?? null };
  if (mustAct) logger.error('redis.condition_started', fields);
  else logger.warn('redis.condition_started', fields);
}
