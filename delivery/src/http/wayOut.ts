/**
 * Is our way into the world there? Asked when a destination is unreachable, because anybody may name destinations that are: those
 * must not look as if the network were gone. The last places that were reached tell: somebody has been since, or they are
 * tried again, with a connection that is closed at once. Places of our own network prove nothing.
 */
import { addressFault } from '@postback/core/net/addressFault';
import { LRUCache } from 'lru-cache';
import { dial, type OpenSocket } from './dial.js';
import { TransportError } from './transportError.js';

export interface WayOut {
  noteReached(place: { readonly address: string; readonly port: number }): void;
  /** Has a place been reached since `since`, or can one be reached now? */
  works(since: number): Promise<boolean>;
}

interface WayOutDeps {
  readonly open?: OpenSocket | undefined;
  readonly now?: () => number;
}

/** One alone may be down itself. */
const WITNESSES = 3;
const TIMEOUT_MS = 1_000;
/** So long the answer is believed. */
const PROOF_MS = 1_000;

export function createWayOut({ open, now = () => performance.now() }: WayOutDeps): WayOut {
  const known = new LRUCache<string, number>({ max: WITNESSES });
  let reachedAt = -Infinity;
  let proof: { readonly works: Promise<boolean>; readonly at: number } | undefined;

  async function canReach([address, port]: readonly [string, number]): Promise<boolean> {
    const objection = (reached: string) =>
      addressFault(reached) && new TransportError('forbidden-target', 'not where it was to go');
    const place = { addresses: [address], port, timeoutMs: TIMEOUT_MS, objection, ...(open && { open }) };
    return dial(place).then(
      (socket) => socket.destroy().destroyed,
      () => false,
    );
  }

  return {
    noteReached: ({ address, port }) => {
      if (addressFault(address)) return;
      known.set(address, port);
      reachedAt = now();
    },
    works: (since) => {
      if (reachedAt >= since) return Promise.resolve(true);
      if (!proof || now() - proof.at > PROOF_MS) {
        const tries = Promise.all([...known.entries()].map(canReach));
        proof = { works: tries.then((all) => all.includes(true)), at: now() };
      }
      return proof.works;
    },
  };
}
