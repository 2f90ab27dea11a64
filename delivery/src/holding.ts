/** Which entries this process is working on, from the moment that they were read: a claim of them would be a claim of our own. */
import type { RawEntry } from '@postback/core/queue/scripts/read';
import { createRoster, type Member } from './roster.js';

export interface Holding {
  /** Holds the entry from now on; what it returns does the work, and lets go of it. */
  hold<Rest extends unknown[]>(
    entry: RawEntry,
    work: (...rest: Rest) => Promise<void>,
  ): (...rest: Rest) => Promise<void>;
  /** Goes through all of them: a few hundred, and only for what is claimed. */
  has(entry: RawEntry): boolean;
}

/** `onError`: the work failed, which it must not: a bug or a lost Redis. */
export function createHolding(onError: (error: unknown) => void): Holding {
  const held = createRoster<Member & { readonly entry: RawEntry }>();
  return {
    hold: (entry, work) => {
      const member = { entry, place: -1 };
      held.add(member);
      return async (...rest) => {
        try {
          await work(...rest);
        } catch (error) {
          onError(error);
        } finally {
          held.remove(member);
        }
      };
    },
    has: ({ stream, streamId }) =>
      held.members().some(({ entry }) => entry.streamId === streamId && entry.stream === stream),
  };
}
