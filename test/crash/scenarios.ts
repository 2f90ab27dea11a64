/** All scenarios, in the order of the table. */
import type { Scenario } from './scenario.js';
import { connectionCut, cutAtRetry } from './scenarios/connectionCut.js';
import { ingestKilled } from './scenarios/ingestKilled.js';
import { redisKilled, redisPaused } from './scenarios/redisKilled.js';
import { randomKills, workerAsleep, workerKilledBeforeAck } from './scenarios/workerKilled.js';

export const SCENARIOS: readonly Scenario[] = [
  redisKilled,
  ingestKilled,
  workerKilledBeforeAck,
  randomKills,
  workerAsleep,
  connectionCut,
  cutAtRetry,
  redisPaused,
];
