/**
 * What holds for destinations now: paused by an operator, held because they asked for it, cut off by the breaker. All workers share
 * it through Redis. It is told of changes, and looks every two seconds anyway, because pub/sub does not promise to deliver; while
 * Redis cannot be read the last state counts. Asking costs a look into a map that is mostly empty.
 */
import type { Clock } from '@postback/core/clock';
import { createLoop, type Loop } from '@postback/core/loop';
import { pausesOf, type Breaker, type DestinationState } from '@postback/core/queue/destinationState';
import type { Queue } from '@postback/core/queue/queue';
import { pausedMsBetween } from '@postback/core/queue/scripts/pause';
import { isPassing } from '@postback/core/redis';

/** `probe`: one attempt may find out whether it is back. */
export type Verdict = 'open' | 'closed' | 'probe';

export interface Conditions {
  verdict(destination: string): Verdict;
  breaker(destination: string): Breaker | undefined;
  /** ms since the epoch; 0 = not held. */
  heldUntil(destination: string): number;
  /** How long an operator's pause of the destination has lasted since then. */
  pausedMsSince(destination: string, from: number): number;
  /** What this worker has just learnt, ahead of the announcement. */
  learn(destination: string, news: Partial<Pick<DestinationState, 'breaker' | 'holdUntil'>>): void;
  /** Somebody has announced a change. */
  refresh(destination: string): Promise<void>;
  /** Reads all; throws what Redis throws. */
  refreshAll(): Promise<void>;
  readonly loop: Loop;
}

interface ConditionsDeps {
  readonly queue: Pick<Queue, 'readDestination' | 'readDestinations'>;
  /** Redis's. */
  readonly clock: Clock;
  /** It may not be called any longer: who waits for it is sent away. */
  readonly onClosed: (destination: string) => void;
}

const POLL_MS = 2_000;

export function createConditions({ queue, clock, onClosed }: ConditionsDeps): Conditions {
  let states = new Map<string, DestinationState>();

  function verdict(destination: string): Verdict {
    const state = states.get(destination);
    return state ? verdictOf(state, clock.now()) : 'open';
  }

  function keep(destination: string, state: DestinationState): void {
    const before = verdict(destination);
    states.set(destination, state);
    if (before === 'open' && verdict(destination) !== 'open') onClosed(destination);
  }

  async function refreshAll(): Promise<void> {
    const found = await queue.readDestinations();
    const wereOpen = found.filter(({ destination }) => verdict(destination) === 'open');
    states = new Map(found.map((state) => [state.destination, state]));
    for (const { destination } of wereOpen) if (verdict(destination) !== 'open') onClosed(destination);
  }

  return {
    verdict,
    breaker: (destination) => states.get(destination)?.breaker,
    heldUntil: (destination) => states.get(destination)?.holdUntil ?? 0,
    pausedMsSince: (destination, from) => {
      const state = states.get(destination);
      return state ? pausedMsBetween(pausesOf(state), from, clock.now()) : 0;
    },
    learn: (destination, news) => {
      const empty = { destination, pause: undefined, pauses: [], holdUntil: 0, breaker: undefined };
      keep(destination, { ...(states.get(destination) ?? empty), ...news });
    },
    refresh: async (destination) => {
      await passing(async () => keep(destination, await queue.readDestination(destination)));
    },
    refreshAll,
    loop: createLoop(async () => {
      await passing(refreshAll);
      return POLL_MS;
    }),
  };
}

function verdictOf({ pause, holdUntil, breaker }: DestinationState, now: number): Verdict {
  if (pause || holdUntil > now) return 'closed';
  if (!breaker) return 'open';
  return breaker.until > now ? 'closed' : 'probe';
}

async function passing(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isPassing(error)) throw error;
  }
}
