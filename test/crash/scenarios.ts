/** All scenarios, in the order of the table. */
import type { Scenario } from './scenario.js';
import { clocksJump, slowLoading } from './scenarios/clocks.js';
import { connectionCut, cutAtRetry } from './scenarios/connectionCut.js';
import { flushed, trimmed } from './scenarios/dataLost.js';
import { ackBeforeDelivery, lyingSink, withoutAof } from './scenarios/harnessProven.js';
import { ingestKilled } from './scenarios/ingestKilled.js';
import { crashingBuild, poison } from './scenarios/poison.js';
import { redisKilled, redisPaused } from './scenarios/redisKilled.js';
import { backlogFull, weakerRedis } from './scenarios/refused.js';
import { diskFull, memoryFull } from './scenarios/roomGone.js';
import { resolverGone } from './scenarios/resolverGone.js';
import * as stopped from './scenarios/stopped.js';
import { randomKills, workerAsleep, workerKilledBeforeAck } from './scenarios/workerKilled.js';
import { workersScaled } from './scenarios/workersScaled.js';

export const SCENARIOS: readonly Scenario[] = [
  redisKilled,
  weakerRedis,
  diskFull,
  ingestKilled,
  workerKilledBeforeAck,
  randomKills,
  workerAsleep,
  connectionCut,
  cutAtRetry,
  flushed,
  trimmed,
  workersScaled,
  poison,
  crashingBuild,
  memoryFull,
  backlogFull,
  stopped.ingestStopped,
  stopped.workerStoppedWhileSlow,
  stopped.workerStoppedWhileHanging,
  stopped.nginxReloaded,
  stopped.oneIngestKilled,
  clocksJump,
  slowLoading,
  resolverGone,
  redisPaused,
  withoutAof,
  ackBeforeDelivery,
  lyingSink,
];
