/**
 * Whether the queue may be read now. Two may close it: the operator, for the whole installation, and the guard, because of a fault
 * of ours. Poison closes it for the installation too, and is the one of these that is somebody's fault: so it makes us unready.
 */
import type { Hand } from './fair/hand.js';
import type { Guard } from './guard.js';
import type { PauseWatcher } from './pauseWatcher.js';

export interface Gate {
  /** How many of the wanted entries may be read now; 0: ask again in a moment. */
  permit(wanted: number): number;
  /** Nothing is taken over from others meanwhile. */
  isOpen(): boolean;
  /** Why the service is not ready. A pause that somebody wants is no fault. */
  reasons(): readonly string[];
}

interface GateDeps {
  readonly guard: Guard;
  readonly pause: Pick<PauseWatcher, 'current'>;
  readonly hand: Pick<Hand, 'busy'>;
}

export function createGate({ guard, pause, hand }: GateDeps): Gate {
  return {
    permit: (wanted) => (pause.current() ? 0 : guard.permit(wanted, hand.busy())),
    isOpen: () => !pause.current() && guard.pausedBecause() === undefined,
    reasons: () => {
      const poison = pause.current()?.by === 'poison' ? pause.current()?.reason : undefined;
      const found = [guard.pausedBecause(), poison].filter((reason) => reason !== undefined);
      return found.map((reason) => `delivery is paused: ${reason}`);
    },
  };
}
