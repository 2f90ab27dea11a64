/**
 * Watches whether Redis can keep what a 202 promises: its settings, its memory, its disk, its data set. Asks at each connect and
 * every second, never per request. Until the first answer after a connect nothing is promised: the Redis that came back may be another one.
 * It never throws: a Redis that does not answer is the connection's concern, and what was known before holds meanwhile.
 */
import { systemClock, type Clock } from '@postback/core/clock';
import type { Logger } from '@postback/core/logger';
import { createLoop } from '@postback/core/loop';
import { checkInstallation, type Installation } from '@postback/core/queue/installation';
import type { QueueKeys } from '@postback/core/queue/keys';
import { readDrain } from '@postback/core/queue/scripts/drain';
import { readFigures, readSettings } from '@postback/core/queue/redisState';
import { isErrorReply, type RedisConnection } from '@postback/core/redis';
import { conditionLog } from './conditionLog.js';
import { judgeDrain, judgeMemory, judgeSettings, judgeStorage, type Condition, type Durability } from './conditions.js';

/** Memory can grow by some 30 MB in this time, at full speed: far less than what shedding leaves free. */
const INTERVAL_MS = 1_000;

export interface WatchSettings {
  readonly durability: Durability;
  readonly isDurabilityChecked: boolean;
  readonly memoryShedPercent: number;
  readonly minDiskFreeBytes: number;
}

export interface WatchDeps {
  readonly redis: Pick<RedisConnection, 'send' | 'isReady' | 'onReady'>;
  readonly keys: QueueKeys;
  readonly settings: WatchSettings;
  /** Free bytes of the disk that Redis writes to; absent when it cannot be seen from here. */
  readonly readDiskFree?: () => Promise<number>;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly intervalMs?: number;
}

export interface RedisWatch {
  start(): void;
  stop(): Promise<void>;
  /** What is wrong now; those with a `refusal` first. */
  conditions(): readonly Condition[];
  /** Of Redis, when it was last looked at; 0 = no limit, or not known. */
  maxmemoryBytes(): number;
  /** Of the disk that Redis writes to, when it was last looked at; `undefined` when it cannot be seen. */
  diskFreeBytes(): number | undefined;
  /** How often the data set was found to be another one than before, by this process. */
  losses(): number;
}

const UNCHECKED: Condition = {
  name: 'unchecked',
  detail: 'Redis has not been checked yet',
  refusal: 'queue-unavailable',
};
const LOADING: Condition = { name: 'loading', detail: 'Redis is loading its data', refusal: 'queue-unavailable' };

export function createRedisWatch(deps: WatchDeps): RedisWatch {
  const { redis, settings, logger, clock = systemClock, intervalMs = INTERVAL_MS } = deps;
  const report = conditionLog({ logger, clock });
  let conditions: readonly Condition[] = [UNCHECKED];
  let seen: Installation | undefined;
  let losses = 0;
  let diskFreeBytes: number | undefined;
  let connects = 0;
  let maxmemoryBytes = 0;

  const examine = async (): Promise<Condition[]> => {
    const figures = await unlessForbidden('INFO', settings, () => readFigures(redis));
    if (figures.kind === 'answer' && figures.value.isLoading) return [LOADING];
    const disk = await lookAtDisk(deps);
    diskFreeBytes = disk.freeBytes;
    const found = [...(await examineSettings(deps)), ...disk.conditions, ...judgeDisk(deps, figures, disk.freeBytes)];
    if (figures.kind === 'forbidden') found.push(...figures.conditions);
    else if (figures.kind === 'answer') {
      maxmemoryBytes = figures.value.maxmemoryBytes;
      const isShedding = conditions.some(({ name }) => name === 'memory');
      found.push(...judgeMemory(figures.value, settings.memoryShedPercent, isShedding));
    }
    found.push(...judgeDrain(await readDrain(redis, deps.keys)));
    const followed = await followInstallation(deps, seen);
    seen = followed.installation;
    if (followed.isLost) losses++;
    return found.sort((a, b) => Number(!a.refusal) - Number(!b.refusal));
  };
  const round = async () => {
    if (!redis.isReady()) return intervalMs;
    const connection = connects;
    try {
      const found = await examine();
      if (connection !== connects) return 0; // these are the answers of the Redis before
      conditions = found;
    } catch (error) {
      if (!isErrorReply(error)) return intervalMs; // the connection broke off: checked again when it is back
      const detail = `Redis answered a check with ${error.message}`;
      conditions = [{ name: 'check-failed', detail, refusal: 'queue-unavailable' }];
    }
    report(conditions);
    return intervalMs;
  };

  const loop = createLoop(round);
  redis.onReady(() => {
    connects++;
    conditions = [UNCHECKED];
    loop.wake();
  });
  return {
    start: () => {
      if (!settings.isDurabilityChecked) {
        logger.warn('durability.unchecked', { durability: settings.durability, setting: 'DURABILITY_CHECK=off' });
      }
      loop.start();
    },
    stop: () => loop.stop(),
    conditions: () => conditions,
    maxmemoryBytes: () => maxmemoryBytes,
    diskFreeBytes: () => diskFreeBytes,
    losses: () => losses,
  };
}

type Answer<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'forbidden'; readonly conditions: readonly Condition[] };

/** A Redis that forbids the question cannot be judged: refused, unless the operator vouches for it. */
async function unlessForbidden<T>(
  command: string,
  { isDurabilityChecked }: WatchSettings,
  ask: () => Promise<T>,
): Promise<Answer<T>> {
  try {
    return { kind: 'answer', value: await ask() };
  } catch (error) {
    if (!isErrorReply(error)) throw error;
    if (!isDurabilityChecked) return { kind: 'forbidden', conditions: [] };
    const detail = `Redis does not allow ${command} (${error.message}), so it cannot be checked: make sure of its settings and set DURABILITY_CHECK=off`;
    return { kind: 'forbidden', conditions: [{ name: `forbidden-${command}`, detail, refusal: 'durability-unmet' }] };
  }
}

async function examineSettings({ redis, settings }: WatchDeps): Promise<readonly Condition[]> {
  if (!settings.isDurabilityChecked) return [];
  const found = await unlessForbidden('CONFIG GET', settings, () => readSettings(redis));
  return found.kind === 'answer' ? judgeSettings(settings.durability, found.value) : found.conditions;
}

interface Disk {
  readonly freeBytes: number | undefined;
  readonly conditions: readonly Condition[];
}

async function lookAtDisk({ readDiskFree }: WatchDeps): Promise<Disk> {
  try {
    return { freeBytes: await readDiskFree?.(), conditions: [] };
  } catch (error) {
    const detail = `REDIS_DATA_DIR: ${(error as Error).message}`;
    return { freeBytes: undefined, conditions: [{ name: 'disk-unseen', detail }] };
  }
}

function judgeDisk(
  { settings }: WatchDeps,
  figures: Answer<Awaited<ReturnType<typeof readFigures>>>,
  freeBytes: number | undefined,
): readonly Condition[] {
  if (figures.kind === 'forbidden') return [];
  return judgeStorage(figures.value, { minFreeBytes: settings.minDiskFreeBytes, freeBytes });
}

interface Followed {
  readonly installation: Installation | undefined;
  readonly isLost: boolean;
}

async function followInstallation(deps: WatchDeps, seen: Installation | undefined): Promise<Followed> {
  try {
    const { kind, installation } = await checkInstallation(deps.redis, deps.keys, seen);
    if (kind === 'lost') {
      const detail = 'the data set of Redis is not the one that was there before: accepted postbacks are gone';
      deps.logger.error('data_set.lost', { detail, losses: installation.losses, installation: installation.id });
    }
    if (kind === 'made') deps.logger.info('installation.made', { installation: installation.id });
    return { installation, isLost: kind === 'lost' };
  } catch (error) {
    if (!isErrorReply(error)) throw error;
    return { installation: seen, isLost: false }; // the marker could not be written: memory or disk is full, which has its own condition
  }
}
