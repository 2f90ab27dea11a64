/**
 * The breakers of all destinations, as this worker sees and moves them.
 *
 * closed → (its score is at the limit) → open: nothing is sent, all is parked → (its time is over) → half-open: one worker sends one
 * probe → closed if it is answered, else open again for twice as long. The score is this worker's own; the state is
 * everybody's, in Redis, changed by compare-and-set. A worker that dies with a probe under way loses its lease, and another probes.
 */
import type { Clock } from '@postback/core/clock';
import type { Logger } from '@postback/core/logger';
import type { BreakerAnswer } from '@postback/core/queue/scripts/breaker';
import type { Queue } from '@postback/core/queue/queue';
import { isPassing } from '@postback/core/redis';
import { LRUCache } from 'lru-cache';
import { isDown, nextScore, openForMs, type BreakerRules, type Score } from './breaker.js';
import type { Conditions } from './conditions.js';

export interface Breakers {
  /** What came of an attempt. */
  note(destination: string, isFailure: boolean): void;
  /** Resolves to whether the attempt that is about to begin may be the probe. */
  takeProbe(destination: string): Promise<boolean>;
}

interface BreakersDeps {
  readonly queue: Pick<Queue, 'setBreaker' | 'takeProbe'>;
  readonly conditions: Pick<Conditions, 'breaker' | 'learn'>;
  readonly rules: BreakerRules;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Longer than any attempt. */
  readonly leaseMs: number;
  /** While the fault is ours nobody is condemned. */
  readonly isOwnFault: () => boolean;
  /** A bug. */
  readonly onError: (error: unknown) => void;
}

/** Healthy destinations have no score. */
const KEPT = 10_000;

export function createBreakers(deps: BreakersDeps): Breakers {
  const { queue, conditions, rules, logger, clock, leaseMs, isOwnFault, onError } = deps;
  const scores = new LRUCache<string, Score>({ max: KEPT });
  /** Destinations that this worker probes, and the half-open state that it may end. */
  const probing = new Map<string, number>();

  async function change(destination: string, ask: () => Promise<BreakerAnswer>): Promise<boolean> {
    try {
      const { taken, breaker } = await ask();
      conditions.learn(destination, { breaker });
      return taken;
    } catch (error) {
      if (!isPassing(error)) onError(error);
      return false;
    }
  }

  async function open(destination: string, expectedSince: number, reason: string): Promise<void> {
    const openMs = openForMs(conditions.breaker(destination)?.trips ?? 0, rules);
    const taken = await change(destination, () =>
      queue.setBreaker(destination, { to: 'open', expectedSince, openMs, reason }),
    );
    if (taken) logger.warn('destination.broken', { destination, reason, open_ms: openMs });
  }

  async function close(destination: string, expectedSince: number): Promise<void> {
    const taken = await change(destination, () => queue.setBreaker(destination, { to: 'closed', expectedSince }));
    if (taken) logger.info('destination.recovered', { destination });
  }

  function endProbe(destination: string, since: number, isFailure: boolean): void {
    probing.delete(destination);
    void (isFailure ? open(destination, since, 'the probe failed') : close(destination, since));
  }

  return {
    note: (destination, isFailure) => {
      const probed = probing.get(destination);
      if (probed !== undefined) return endProbe(destination, probed, isFailure);
      const before = scores.get(destination);
      if ((!before && !isFailure) || isOwnFault() || conditions.breaker(destination)) return;
      const score = nextScore(before, { isFailure, now: clock.monotonic() }, rules);
      if (isDown(score, rules)) {
        scores.delete(destination);
        void open(destination, 0, `${rules.minSamples} failures outweigh its successes`);
      } else if (score.value > 0) scores.set(destination, score);
      else scores.delete(destination);
    },
    takeProbe: async (destination) => {
      const taken = await change(destination, () => queue.takeProbe(destination, leaseMs));
      const since = conditions.breaker(destination)?.since;
      if (taken && since !== undefined) probing.set(destination, since);
      return taken;
    },
  };
}
