/** Fills the attempts that are kept, as delivery would over some minutes. */
import { createAttempts } from '@postback/core/queue/attempts';
import { indexOf, kindOf, packAttempt, type KeptAttempt } from '@postback/core/queue/keptAttempt';
import { queueKeys } from '@postback/core/queue/keys';
import { attemptOf } from '../../dashboard/test/keepAttempts.js';
import type { CrashStack } from '../crash/crashStack.js';

const PER_BLOCK = 500;
const PLENTY = { count: { failed: 1e6, delivered: 1e6 }, bytes: 1e9, maxAgeMs: 3_600_000 };

/** So many failed ones, and as many that were delivered. */
export async function keepMany({ redis }: CrashStack, count: number): Promise<void> {
  const attempts = createAttempts(redis, queueKeys(0));
  for (let done = 0; done < count; done += PER_BLOCK) {
    for (const outcome of ['retry', 'delivered']) {
      const rows = Array.from({ length: PER_BLOCK }, (_, n) => attemptOf(`0-1600000000000-${done + n}`, { outcome }));
      await attempts.keep([blockOf(rows)], PLENTY);
    }
  }
}

function blockOf(rows: readonly KeptAttempt[]) {
  const [first] = rows;
  if (!first) throw new Error('a block has rows');
  const index = `${rows.map(indexOf).join('')},`;
  return { kind: kindOf(first), count: rows.length, index, rows: rows.map(packAttempt).join('\n') };
}
