/**
 * Takes out all that is kept of one postback, wherever it is: it is cancelled if it waits, its letter is purged, its attempts leave their
 * blocks. Each step may be repeated, so an erasure that failed half way is simply made again. docs/privacy.md says what stays.
 */
import type { Attempts } from '@postback/core/queue/attempts';
import type { DeadLetters } from '@postback/core/queue/deadLetters';
import { cancelPostback, type CancelDeps } from '../dead/cancelPostback.js';

export interface EraseDeps extends CancelDeps {
  readonly dead: Pick<DeadLetters, 'find' | 'discard'>;
  readonly attempts: Pick<Attempts, 'erase'>;
}

export type Erasure =
  | { readonly kind: 'erased'; readonly wasQueued: boolean; readonly letters: number; readonly attempts: number }
  /** A worker has it in hand: nothing was erased. */
  | { readonly kind: 'pending' }
  /** There was nothing. */
  | { readonly kind: 'unknown' };

export async function erasePostback(id: string, deps: EraseDeps): Promise<Erasure> {
  const cancellation = await cancelPostback(id, deps);
  if (cancellation === 'pending') return { kind: 'pending' };
  const buried = await deps.dead.find(id);
  const letters = buried ? await deps.dead.discard([buried], 'purged') : 0;
  const attempts = await deps.attempts.erase(id);
  const wasQueued = cancellation === 'cancelled';
  return letters + attempts === 0 ? { kind: 'unknown' } : { kind: 'erased', wasQueued, letters, attempts };
}
