/** Kinds of load on one destination, or on a few that all behave alike. */
import type { Phase, Scenario } from './scenario.js';

const ONE = { name: 'sink', count: 1 };
const TO_IT = { shares: { sink: 1 } };
const MINUTE = 60_000;

function load(name: string, about: string, phases: readonly Phase[], more: Partial<Scenario> = {}): Scenario {
  return { name, about, groups: [ONE], phases, bounds: [], data: 2, drainTimeoutMs: MINUTE, ...more };
}

export const STEADY = load('steady', '200 requests/s for 30 s', [
  { name: 'steady', durationMs: 30_000, rate: 200, ...TO_IT },
]);

export const BURST = load('burst', '100 requests/s, ten times as many for 5 s, and back', [
  { name: 'before', durationMs: 10_000, rate: 100, ...TO_IT },
  { name: 'burst', durationMs: 5_000, rate: 1_000, ...TO_IT },
  { name: 'after', durationMs: 10_000, rate: 100, ...TO_IT },
]);

export const RAMP = load(
  'ramp',
  'from 100 to 1,600 requests/s, doubling every 8 s',
  [100, 200, 400, 800, 1_600].map((rate) => ({ name: `${rate}/s`, durationMs: 8_000, rate, ...TO_IT })),
);

export const SOAK = load('soak', '100 requests/s for 20 minutes', [
  { name: 'soak', durationMs: 20 * MINUTE, rate: 100, ...TO_IT },
]);

export const ONE_BY_ONE = load(
  'one-by-one',
  'requests of one postback each, 300/s for 30 s',
  [{ name: 'one-by-one', durationMs: 30_000, rate: 300, ...TO_IT }],
  { data: 1 },
);

export const ENDLESS_LOOP = load(
  'endless-loop',
  'one client that sends one postback after the other, each when the last was answered',
  [{ name: 'loop', durationMs: 20_000, rate: null, ...TO_IT }],
  { data: 1, connections: 1 },
);

export const BIG_BATCHES = load(
  'big-batches',
  'requests of 1,000 postbacks, 3/s for 20 s',
  [{ name: 'big-batches', durationMs: 20_000, rate: 3, ...TO_IT }],
  { data: 1_000 },
);

export const SLOW_SINK = load('slow-sink', 'a third party that takes 200 ms for every answer', [
  { name: 'slow', durationMs: 30_000, rate: 100, ...TO_IT, behaviour: { sink: { delayMs: 200 } } },
]);

export const FLAKY_SINK = load(
  'flaky-sink',
  'a third party where every fifth postback fails at first',
  [{ name: 'flaky', durationMs: 20_000, rate: 100, ...TO_IT, behaviour: { sink: { failFirst: 1, failShare: 0.2 } } }],
  { delivery: { retry: { scheduleSeconds: [1] } } },
);

export const RESETS = load(
  'resets',
  'a third party that resets the connection of every tenth postback at first',
  [
    {
      name: 'resetting',
      durationMs: 20_000,
      rate: 100,
      ...TO_IT,
      behaviour: { sink: { failFirst: 1, failShare: 0.1, failWith: 'reset' } },
    },
  ],
  { delivery: { retry: { scheduleSeconds: [1] } } },
);
