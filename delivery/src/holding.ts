/** Which entries this process is working on, from the moment that they were read: a claim of them would be a claim of our own. */
import type { RawEntry } from '@postback/core/queue/scripts/read';

export interface Holding {
  /** Holds the entry from now on; what it returns does the work, and lets go of it. */
  hold<Rest extends unknown[]>(
    entry: RawEntry,
    work: (...rest: Rest) => Promise<void>,
  ): (...rest: Rest) => Promise<void>;
  has(entry: RawEntry): boolean;
}

/** `onError`: the work failed, which it must not: a bug or a lost Redis. */
export function createHolding(onError: (error: unknown) => void): Holding {
  const held = new Set<string>();
  return {
    hold: (entry, work) => {
      const key = keyOf(entry);
      held.add(key);
      return async (...rest) => {
        try {
          await work(...rest);
        } catch (error) {
          onError(error);
        } finally {
          held.delete(key);
        }
      };
    },
    has: (entry) => held.has(keyOf(entry)),
  };
}

function keyOf({ stream, streamId }: RawEntry): string {
  return `${stream} ${streamId}`;
}
