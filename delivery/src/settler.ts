/**
 * Settles what was delivered, many at once: one script every few milliseconds instead of one per postback. A settle that Redis
 * has not confirmed is sent again until it has. If the process dies first, these postbacks are delivered once more by another.
 */
import type { Queue } from '@postback/core/queue/queue';
import type { Held } from '@postback/core/queue/scripts/held';
import { untilAnswered } from './untilAnswered.js';

export interface Settler {
  delivered(held: Held, endpointHash: string): void;
  /** Entries not confirmed yet. */
  unconfirmed(): number;
  /** Resolves when what has been handed in so far has been confirmed. */
  confirmed(): Promise<void>;
  /** Resolves when everything handed in has been confirmed. */
  flush(): Promise<void>;
}

interface SettlerDeps {
  readonly queue: Queue;
  readonly isGivenUp: () => boolean;
  /** Called right before a settle is sent: what is sent here is in Redis before the postbacks are out of it. */
  readonly beforeSend?: () => void;
  /** A settle failed for good: a bug. */
  readonly onError: (error: unknown) => void;
}

/** Long enough to gather what finishes together, short against any delivery. */
const GATHER_MS = 2;
/** A script with more ids would hold Redis up for others. */
const BATCH_LIMIT = 500;

type Batch = Map<string, string[]>;

export function createSettler({ queue, isGivenUp, beforeSend, onError }: SettlerDeps): Settler {
  let batches = new Map<string, Batch>();
  const underWay = new Set<Promise<void>>();
  let gathered = 0;
  let unconfirmed = 0;
  let timer: NodeJS.Timeout | undefined;

  function sendAll(): void {
    clearTimeout(timer);
    timer = undefined;
    gathered = 0;
    beforeSend?.();
    const full = batches;
    batches = new Map(); // a cleared one would keep what was in it, as roster.ts says
    for (const [stream, batch] of full) send(stream, batch);
  }

  function send(stream: string, batch: Batch): void {
    const count = [...batch.values()].reduce((sum, ids) => sum + ids.length, 0);
    const sent = untilAnswered(() => queue.settle(stream, batch), isGivenUp)
      .then(() => void (unconfirmed -= count), onError)
      .finally(() => underWay.delete(sent));
    underWay.add(sent);
  }

  return {
    delivered: ({ stream, streamId }, endpointHash) => {
      const batch = batches.get(stream) ?? new Map<string, string[]>();
      batches.set(stream, batch);
      const ids = batch.get(endpointHash);
      if (ids) ids.push(streamId);
      else batch.set(endpointHash, [streamId]);
      unconfirmed++;
      if (++gathered >= BATCH_LIMIT) sendAll();
      else timer ??= setTimeout(sendAll, GATHER_MS);
    },
    unconfirmed: () => unconfirmed,
    confirmed: async () => {
      sendAll();
      await Promise.all(underWay);
    },
    flush: async () => {
      sendAll();
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
