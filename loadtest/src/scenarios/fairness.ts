/** One destination in trouble, and what the others notice of it: each bound compares two phases of the same run. */
import type { Bound, Group, Phase, Scenario } from './scenario.js';

const HEALTHY = { name: 'healthy', count: 20 };
const HANGS = { failFirst: 1_000_000, failWith: 'hang' } as const;
const DOWN = { failFirst: 1_000_000, status: 503 } as const;
/** Below this, a percentile of a quiet machine says more about its scheduler than about us. */
const FLOOR_MS = 20;

/** The others' p99 in the phase `trouble`, against `baseline`. */
function unaffected(times: number): Bound {
  const compared = { group: 'healthy', phase: 'trouble', of: 'baseline' };
  return { kind: 'latency', ...compared, percentile: 'p99', times, floorMs: FLOOR_MS };
}

const NOT_REFUSED: Bound = { kind: 'refused', group: 'healthy', max: 0 };

/** Code that has not been compiled and connections that are not open yet would make the baseline look slow. */
const WARM_UP = { name: 'warm-up', durationMs: 10_000, rate: 200, shares: { healthy: 1 } };
/** Both phases send the healthy ones the same; the trouble comes on top. */
const BASELINE = { name: 'baseline', durationMs: 15_000, rate: 100, shares: { healthy: 1 } };

/** Half of the traffic goes to destinations that are in trouble in this way. */
function halfInTrouble(name: string, about: string, trouble: Group, behaviour: Trouble): Scenario {
  const phase = { name: 'trouble', durationMs: 30_000, rate: 200, shares: { healthy: 1, [trouble.name]: 1 } };
  return {
    name,
    about,
    groups: [HEALTHY, trouble],
    data: 2,
    phases: [WARM_UP, BASELINE, { ...phase, behaviour: { [trouble.name]: behaviour } }],
    bounds: [unaffected(1.5), NOT_REFUSED],
    drainTimeoutMs: 180_000,
  };
}

type Trouble = NonNullable<Phase['behaviour']>[string];

export const NOISY_NEIGHBOUR = halfInTrouble(
  'noisy-neighbour',
  'half of the traffic goes to one destination that never answers; 20 healthy ones must not notice',
  { name: 'hanging', count: 1 },
  HANGS,
);

export const DEAD_DESTINATION = halfInTrouble(
  'dead-destination',
  'half of the traffic goes to one destination that refuses connections',
  { name: 'dead', count: 1 },
  'refusing',
);

const SLOW_NAMES = halfInTrouble(
  'slow-dns',
  'half of the traffic goes to ten names that the resolver does not answer',
  { name: 'nameless', count: 10, label: 'slow' },
  'nameless',
);

export const SLOW_DNS: Scenario = {
  ...SLOW_NAMES,
  groups: SLOW_NAMES.groups.map((group) => (group.name === 'healthy' ? { ...group, label: 'quick' } : group)),
  resolver: 'sink',
};

export const BACKLOG: Scenario = {
  name: 'backlog',
  about: '100,000 postbacks wait for one destination that never answers; 99 healthy ones must hardly notice',
  groups: [
    { name: 'healthy', count: 99 },
    { name: 'hanging', count: 1 },
  ],
  data: 20,
  phases: [
    { ...WARM_UP, rate: 20 },
    { ...BASELINE, rate: 10 },
    {
      name: 'filling',
      durationMs: 20_000,
      rate: 260,
      shares: { hanging: 25, healthy: 1 },
      behaviour: { hanging: HANGS },
    },
    { name: 'trouble', durationMs: 30_000, rate: 10, shares: { healthy: 1 }, behaviour: { hanging: HANGS } },
  ],
  bounds: [unaffected(2), NOT_REFUSED],
  drainTimeoutMs: 180_000,
};

/** Tried again as the request says, without telling of the destination that it is down: its breaker stays closed. */
const LATER = { failFirst: 1, status: 404 } as const;

export const RETRY_STORM: Scenario = {
  name: 'retry-storm',
  about: '20,000 postbacks to 20 destinations fail at first and come due again within a few seconds',
  groups: [HEALTHY, { name: 'storm', count: 20 }],
  data: 10,
  delivery: { retry: { scheduleSeconds: [15], statuses: [404] } },
  phases: [
    { ...WARM_UP, rate: 40 },
    { ...BASELINE, rate: 20 },
    { name: 'failing', durationMs: 8_000, rate: 260, shares: { storm: 25, healthy: 1 }, behaviour: { storm: LATER } },
    { name: 'lull', durationMs: 4_000, rate: 20, shares: { healthy: 1 } },
    { name: 'trouble', durationMs: 15_000, rate: 20, shares: { healthy: 1 } },
  ],
  bounds: [unaffected(2), NOT_REFUSED, { kind: 'drained', group: 'storm', after: 'failing', withinMs: 60_000 }],
  drainTimeoutMs: 180_000,
};

export const RECOVERY: Scenario = {
  name: 'recovery',
  about: 'a destination is down for a minute: nothing is lost, few attempts are spent, the oldest go first',
  groups: [HEALTHY, { name: 'down', count: 1 }],
  data: 2,
  phases: [
    WARM_UP,
    { ...BASELINE, durationMs: 10_000 },
    { name: 'trouble', durationMs: 60_000, rate: 150, shares: { healthy: 2, down: 1 }, behaviour: { down: DOWN } },
    { name: 'after', durationMs: 10_000, rate: 150, shares: { healthy: 2, down: 1 } },
  ],
  bounds: [
    unaffected(1.5),
    NOT_REFUSED,
    { kind: 'extra-attempts', group: 'down', max: 100 },
    { kind: 'oldest-first', group: 'down', phase: 'trouble', slackMs: 2_000, maxShare: 0.1 },
  ],
  drainTimeoutMs: 180_000,
};
