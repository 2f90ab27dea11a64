/** One destination in trouble, and what the others notice of it: each bound compares two phases of the same run. */
import type { Bound, Scenario } from './scenario.js';

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

/** Both phases send the healthy ones the same; the trouble comes on top. */
const BASELINE = { name: 'baseline', durationMs: 15_000, rate: 100, shares: { healthy: 1 } };

export const NOISY_NEIGHBOUR: Scenario = {
  name: 'noisy-neighbour',
  about: 'half of the traffic goes to one destination that never answers; 20 healthy ones must not notice',
  groups: [HEALTHY, { name: 'hanging', count: 1 }],
  data: 2,
  phases: [
    BASELINE,
    {
      name: 'trouble',
      durationMs: 30_000,
      rate: 200,
      shares: { healthy: 1, hanging: 1 },
      behaviour: { hanging: HANGS },
    },
  ],
  bounds: [unaffected(1.5), NOT_REFUSED],
  drainTimeoutMs: 180_000,
};

export const DEAD_DESTINATION: Scenario = {
  name: 'dead-destination',
  about: 'half of the traffic goes to one destination that refuses connections',
  groups: [HEALTHY, { name: 'dead', count: 1 }],
  data: 2,
  phases: [
    BASELINE,
    {
      name: 'trouble',
      durationMs: 30_000,
      rate: 200,
      shares: { healthy: 1, dead: 1 },
      behaviour: { dead: 'refusing' },
    },
  ],
  bounds: [unaffected(1.5), NOT_REFUSED],
  drainTimeoutMs: 180_000,
};

export const RETRY_STORM: Scenario = {
  name: 'retry-storm',
  about: '20,000 postbacks to 20 destinations fail at first and come due again together',
  groups: [HEALTHY, { name: 'storm', count: 20 }],
  data: 10,
  delivery: { retry: { scheduleSeconds: [10] } },
  phases: [
    { ...BASELINE, rate: 20 },
    { name: 'failing', durationMs: 5_000, rate: 420, shares: { storm: 20, healthy: 1 }, behaviour: { storm: DOWN } },
    { name: 'trouble', durationMs: 20_000, rate: 20, shares: { healthy: 1 } },
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
    { ...BASELINE, durationMs: 10_000 },
    { name: 'trouble', durationMs: 60_000, rate: 150, shares: { healthy: 2, down: 1 }, behaviour: { down: DOWN } },
    { name: 'after', durationMs: 10_000, rate: 150, shares: { healthy: 2, down: 1 } },
  ],
  bounds: [
    unaffected(1.5),
    NOT_REFUSED,
    { kind: 'extra-attempts', group: 'down', max: 300 },
    { kind: 'oldest-first', group: 'down', phase: 'trouble', slackMs: 2_000, maxShare: 0.1 },
  ],
  drainTimeoutMs: 180_000,
};
