/** Attempts for tests of looking at them. */
import { indexOf, kindOf, packAttempt, type KeptAttempt } from '@postback/core/queue/keptAttempt';
import type { Stage } from './stage.js';

const PLENTY = { count: { failed: 1e6, delivered: 1e6 }, bytes: 1e9, maxAgeMs: 3_600_000 };

export function attemptOf(id: string, more: Partial<KeptAttempt> = {}): KeptAttempt {
  const plain = { endedAt: Date.now(), attempt: 1, maxAttempts: 3, outcome: 'retry', code: 503, totalMs: 1.5 };
  return {
    ...plain,
    id,
    destination: 'http://partner.example:80',
    method: 'GET',
    url: 'http://partner.example/p?a=1',
    ...more,
  };
}

/** One block of attempts of the same kind; the next one comes in a later millisecond, so that their order is known. */
export async function keepBlock({ deps, queue }: Stage, all: readonly KeptAttempt[]): Promise<void> {
  const [first] = all;
  if (!first) return;
  const rows = all.map(packAttempt).join('\n');
  const block = { kind: kindOf(first), count: all.length, index: `${all.map(indexOf).join('')},`, rows };
  await deps.attempts.keep([block], PLENTY);
  const keptAt = await queue.time();
  while ((await queue.time()) === keptAt);
}
