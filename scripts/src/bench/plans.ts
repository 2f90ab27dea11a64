/** How much is measured: the comparison in three sizes. */
import type { Size } from './options.js';
import { SYSTEM_NAMES, type Durability, type SystemName } from './system.js';

export interface SuitePlan {
  readonly systems: readonly SystemName[];
  readonly repetitions: number;
  readonly durabilities: readonly Durability[];
  /** Postbacks per request. */
  readonly data: readonly number[];
  readonly warmUpMs: number;
  readonly loadMs: number;
  readonly queues: readonly QueuePlan[];
}

/** A queue of so many that is filled and drained so often; the figures are the medians. */
export interface QueuePlan {
  readonly count: number;
  readonly rounds: number;
  readonly systems: readonly SystemName[];
}

const WITH_QUEUE = ['postback', 'bullmq'] as const;
const TEN_THOUSAND = { count: 10_000, rounds: 3, systems: WITH_QUEUE };
const MILLION = { count: 1_000_000, rounds: 1, systems: WITH_QUEUE };

const FULL: SuitePlan = {
  systems: SYSTEM_NAMES,
  repetitions: 3,
  durabilities: ['everysec', 'always'],
  data: [1, 10],
  warmUpMs: 1_500,
  loadMs: 4_000,
  queues: [TEN_THOUSAND, MILLION],
};

/** The comparison in full; the long queue of the peer, which takes ten minutes, at a tenth. */
const MEDIUM: SuitePlan = {
  ...FULL,
  loadMs: 3_000,
  queues: [TEN_THOUSAND, { ...MILLION, systems: ['postback'] }, { ...MILLION, count: 100_000, systems: ['bullmq'] }],
};

const QUICK: SuitePlan = {
  ...FULL,
  repetitions: 1,
  durabilities: ['everysec'],
  loadMs: 3_000,
  queues: [{ ...TEN_THOUSAND, rounds: 1 }],
};

const PLANS: Readonly<Record<Size, SuitePlan>> = { full: FULL, medium: MEDIUM, quick: QUICK };

export function planOf(size: Size, only: SystemName | null): SuitePlan {
  const plan = PLANS[size];
  const isAsked = (name: SystemName) => only === null || only === name;
  const queues = plan.queues.map((queue) => ({ ...queue, systems: queue.systems.filter(isAsked) }));
  return { ...plan, systems: plan.systems.filter(isAsked), queues };
}
