/** The scenarios by name. */
import { BACKLOG, DEAD_DESTINATION, NOISY_NEIGHBOUR, RECOVERY, RETRY_STORM, SLOW_DNS } from './fairness.js';
import type { Scenario } from './scenario.js';
import {
  BIG_BATCHES,
  RESETS,
  BURST,
  ENDLESS_LOOP,
  FLAKY_SINK,
  ONE_BY_ONE,
  RAMP,
  SLOW_SINK,
  SOAK,
  STEADY,
} from './load.js';

export const SCENARIOS: readonly Scenario[] = [
  STEADY,
  BURST,
  RAMP,
  SOAK,
  ONE_BY_ONE,
  ENDLESS_LOOP,
  BIG_BATCHES,
  SLOW_SINK,
  FLAKY_SINK,
  RESETS,
  NOISY_NEIGHBOUR,
  DEAD_DESTINATION,
  SLOW_DNS,
  BACKLOG,
  RETRY_STORM,
  RECOVERY,
];

export function findScenario(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.name === name);
}
