/**
 * Sees to it that our own faults spend nobody's attempts.
 *
 * States: working → (a suspicion is confirmed, or a sign is ours beyond doubt) → paused: nothing is read but one postback at a
 * time, a probe, at growing intervals; what fails in the suspected way is handed back, not counted → (something works, or by hand)
 * → working. The first failure of a destination waits a moment for what the others meet before it is judged, so that even the
 * first ones of an outage are not charged. All of it is in memory: a new process begins without suspicion.
 */
import type { Clock } from '@postback/core/clock';
import type { Logger } from '@postback/core/logger';
import { LRUCache } from 'lru-cache';
import type { Decision } from './decide.js';
import { TransportError } from './http/transportError.js';
import { FAULTS, isOwnFault, signOf, WEIGHT, WINDOW_MS, type Fault, type Result, type Sign } from './suspicion.js';

export interface Guard {
  /** The decision, or `handed-back` if the failure is ours. */
  review(result: Result): Promise<Decision>;
  /** How many of the wanted may be read now; `busy` postbacks are under way. */
  permit(wanted: number, busy: number): number;
  /** Why delivery stands still because of a fault of ours. */
  pausedBecause(): string | undefined;
  /** The operator says: go on. Refusals are not held against us again until something has been delivered. */
  resume(): void;
  /** Nobody waits for a judgement any longer: what is undecided counts as ours. */
  close(): void;
}

interface GuardDeps {
  readonly logger: Logger;
  readonly clock: Clock;
  /** How long the first failure of a destination waits for others like it. */
  readonly holdMs?: number;
  readonly firstProbeMs?: number;
}

type OwnFault = Fault | 'resources';

const REASONS: Readonly<Record<OwnFault, string>> = {
  names: 'no name can be resolved, of any destination: is the resolver there?',
  routes: 'no destination can be reached: is the network there?',
  refusals: 'every destination refuses what is sent: is this version sending nonsense?',
  resources: 'too many open files, or no memory for sockets: raise the limit (ulimit -n) or lower DELIVERY_CONCURRENCY',
};
/** Refusals need no hold: dead letters can be redriven, and there are few before the pause. */
const HOLD_MS = 2_000;
const FIRST_PROBE_MS = 1_000;
const LONGEST_PROBE_MS = 30_000;
const KNOWN_DESTINATIONS = 10_000;

type Suspicion = Map<string, { weight: number; at: number; isOurs: Promise<boolean> }>;

export function createGuard({ logger, clock, holdMs = HOLD_MS, firstProbeMs = FIRST_PROBE_MS }: GuardDeps): Guard {
  const known = new LRUCache<string, true>({ max: KNOWN_DESTINATIONS });
  const suspicions = new Map<Fault, Suspicion>(FAULTS.map((fault) => [fault, new Map()]));
  const undecided = new Map<(isOurs: boolean) => void, Fault>();
  let paused: { fault: OwnFault; since: number; nextProbeAt: number; intervalMs: number; probed: boolean } | undefined;
  let refusalsAccepted = false;
  let closed = false;

  function conclude(isOurs: boolean, fault?: Fault): void {
    for (const [resolve, about] of undecided) if (fault === undefined || about === fault) resolve(isOurs);
  }

  function pause(fault: OwnFault): void {
    if (paused) return;
    const now = clock.monotonic();
    paused = { fault, since: now, nextProbeAt: now + firstProbeMs, intervalMs: firstProbeMs, probed: false };
    logger.error('delivery.paused', { paused_by: 'own-fault', fault, reason: REASONS[fault] });
  }

  function end(because: string): void {
    if (!paused) return;
    const pausedMs = Math.round(clock.monotonic() - paused.since);
    logger.info('delivery.resumed', { paused_by: 'own-fault', fault: paused.fault, because, paused_ms: pausedMs });
    paused = undefined;
    for (const suspicion of suspicions.values()) suspicion.clear();
  }

  function noteWorking(works: readonly Fault[], { destination, result, decision }: Result): void {
    if (decision.kind === 'delivered') {
      known.set(destination, true);
      refusalsAccepted = false;
    }
    for (const fault of works) {
      suspicions.get(fault)?.clear();
      conclude(false, fault);
    }
    // Who was under way when the pause began may still be answered on a connection from before: that proves nothing.
    if (!paused?.probed) return;
    const isAnswer = !(result instanceof TransportError);
    const isOver = paused.fault === 'refusals' ? decision.kind === 'delivered' : isAnswer || works.length > 0;
    if (isOver) end('a probe worked');
  }

  /** Resolves to whether the failure is ours. */
  function suspect(destination: string, { fault, weight }: Extract<Sign, { kind: 'suspect' }>): Promise<boolean> {
    const suspicion = suspicions.get(fault) as Suspicion;
    const now = clock.monotonic();
    for (const [other, { at }] of suspicion) if (now - at > WINDOW_MS[fault]) suspicion.delete(other);
    const before = suspicion.get(destination);
    const isOurs = before?.isOurs ?? hold(fault, weight);
    suspicion.set(destination, { weight, at: now, isOurs });
    if (!isOwnFault(fault, suspicion.values(), now)) return isOurs;
    pause(fault);
    conclude(true, fault);
    return Promise.resolve(true);
  }

  /** Only who worked before is waited for: a name that never existed shall not take up slots. */
  function hold(fault: Fault, weight: number): Promise<boolean> {
    if (fault === 'refusals' || weight < WEIGHT.known || closed) return Promise.resolve(closed && fault !== 'refusals');
    return new Promise((resolve) => {
      const answer = (isOurs: boolean) => {
        clearTimeout(timer);
        undecided.delete(answer);
        resolve(isOurs);
      };
      const timer = setTimeout(answer, holdMs, false);
      undecided.set(answer, fault);
    });
  }

  async function isOurs(sign: Exclude<Sign, { kind: 'works' }>, destination: string): Promise<boolean> {
    if (sign.kind === 'ours') {
      pause('resources');
      return true;
    }
    if (sign.fault === 'refusals' && refusalsAccepted) return false;
    if (paused?.fault === sign.fault) return true;
    return suspect(destination, sign);
  }

  return {
    review: async (result) => {
      if (result.decision.kind === 'handed-back') return result.decision;
      const { destination, decision } = result;
      const sign = signOf(result, known.has(destination));
      if (sign.kind !== 'ours') noteWorking(sign.works, result);
      if (sign.kind === 'works') return decision;
      return (await isOurs(sign, destination)) ? { kind: 'handed-back' } : decision;
    },
    permit: (wanted, busy) => {
      if (!paused) return wanted;
      const now = clock.monotonic();
      if (busy > 0 || now < paused.nextProbeAt) return 0;
      paused.probed = true;
      paused.nextProbeAt = now + paused.intervalMs;
      paused.intervalMs = Math.min(2 * paused.intervalMs, LONGEST_PROBE_MS);
      return Math.min(wanted, 1);
    },
    pausedBecause: () => paused && REASONS[paused.fault],
    resume: () => {
      if (paused?.fault === 'refusals') refusalsAccepted = true;
      end('by hand');
    },
    close: () => {
      closed = true;
      conclude(true);
    },
  };
}
