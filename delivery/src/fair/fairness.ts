/** Puts together what keeps destinations from each other's way: turns, breakers, holds, parking and the way back. */
import type { Clock } from '@postback/core/clock';
import type { Logger } from '@postback/core/logger';
import { createLoop, type Loop } from '@postback/core/loop';
import type { Queue } from '@postback/core/queue/queue';
import type { Gate } from '../gate.js';
import { createAdmission, type Admission } from './admission.js';
import { createBreakers } from './breakers.js';
import { createConditions, type Conditions } from './conditions.js';
import type { BreakerRules } from './breaker.js';
import { createHolds, type Holds } from './holds.js';
import { createParker, type Parker } from './parker.js';
import { createReleaser } from './releaser.js';
import { createRates, type RateRules } from './rates.js';
import { createTurns, LOOK_EVERY_MS, type Turns } from './turns.js';

export interface Fairness {
  readonly admission: Admission;
  readonly conditions: Conditions;
  readonly holds: Holds;
  readonly parker: Parker;
  readonly turns: Turns;
  readonly loops: readonly Loop[];
}

interface FairnessDeps {
  readonly queue: Queue;
  readonly capacity: number;
  /** What would wait longer for its turn is parked. */
  readonly maxWaitMs: number;
  /** No attempt takes longer. */
  readonly longestAttemptMs: number;
  /** Of postbacks without a time to live of their own. */
  readonly ttlMs: number;
  readonly rules: BreakerRules;
  readonly rates: RateRules;
  readonly gate: Pick<Gate, 'isOpen'>;
  readonly isOwnFault: () => boolean;
  readonly isGivenUp: () => boolean;
  readonly logger: Logger;
  /** Redis's. */
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** A probe waits for its turn, makes its attempt, and tells Redis. */
const LEASE_MARGIN_MS = 5_000;

export function createFairness(deps: FairnessDeps): Fairness {
  const { queue, capacity, maxWaitMs, longestAttemptMs, rules, logger, clock, isGivenUp, onError } = deps;
  const now = () => clock.monotonic();
  const turns = createTurns({ capacity, maxWaitMs, now });
  const conditions = createConditions({ queue, clock, onClosed: (destination) => turns.clear(destination) });
  const leaseMs = longestAttemptMs + maxWaitMs + LEASE_MARGIN_MS;
  const { isOwnFault } = deps;
  const breakers = createBreakers({ queue, conditions, rules, logger, clock, leaseMs, isOwnFault, onError });
  const rates = createRates({ queue, rules: deps.rates, isGivenUp });
  const { gate, ttlMs } = deps;
  const wallNow = () => clock.now();
  const releaser = createReleaser({ queue, turns, conditions, rates, gate, logger, now, wallNow, ttlMs });
  const hasParked = (destination: string) => releaser.hasParked(destination);
  const admission = createAdmission({ turns, conditions, breakers, rates, hasParked });
  return {
    admission: {
      ask: (destination, arrival) => {
        if (arrival.isReleased) releaser.noteReturn(destination);
        return admission.ask(destination, arrival);
      },
    },
    conditions,
    holds: createHolds({ queue, conditions, clock, onError }),
    parker: createParker({ queue, isGivenUp, logger }),
    turns,
    loops: [lookAfter(turns), conditions.loop, releaser],
  };
}

function lookAfter(turns: Turns): Loop {
  return createLoop(() => {
    turns.look();
    return Promise.resolve(LOOK_EVERY_MS);
  });
}
