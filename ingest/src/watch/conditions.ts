/** What is judged about Redis, from what it says about itself. Pure: the figures come in, what is wrong comes out. */
import type { Drain } from '@postback/core/queue/scripts/drain';
import type { RedisFigures, RedisSettings } from '@postback/core/queue/redisState';
import type { RefusalType } from '../refusals.js';

/** Something that is wrong. While one with a `refusal` holds, no request is taken. */
export interface Condition {
  /** Tells one condition from another; the log follows it from its start to its end. */
  readonly name: string;
  readonly detail: string;
  readonly refusal?: RefusalType;
}

export type Durability = 'always' | 'everysec';

/** A forked child shares the data, and every page that changes meanwhile exists twice: 1.6 × was measured. */
const FORK_FACTOR = 1.6;
/** Once shedding, memory must fall this far below the limit: otherwise it would go on and off with each request. */
const SHED_HYSTERESIS_PERCENT = 2;

/** Each setting of Redis that keeps less than was promised. */
export function judgeSettings(promised: Durability, settings: RedisSettings): Condition[] {
  const { appendonly, appendfsync, maxmemoryPolicy, maxmemoryBytes } = settings;
  const conditions: Condition[] = [];
  const unmet = (name: string, detail: string) => conditions.push({ name, detail, refusal: 'durability-unmet' });
  if (appendonly !== 'yes') {
    unmet('appendonly', `Redis has appendonly ${appendonly}, and DURABILITY=${promised} needs appendonly yes`);
  }
  if (appendfsync !== 'always' && appendfsync !== promised) {
    unmet('appendfsync', `Redis has appendfsync ${appendfsync}, and DURABILITY=${promised} needs ${promised}`);
  }
  if (maxmemoryPolicy !== 'noeviction') {
    unmet(
      'maxmemory-policy',
      `Redis has maxmemory-policy ${maxmemoryPolicy}, which deletes keys; it must be noeviction`,
    );
  }
  if (maxmemoryBytes === 0) {
    unmet('maxmemory', 'Redis has maxmemory 0, no limit: it would grow until the system ends it; set REDIS_MAXMEMORY');
  }
  return conditions;
}

export interface StorageLimits {
  readonly minFreeBytes: number;
  /** On the disk of Redis's data; `undefined` when it cannot be seen from here. */
  readonly freeBytes: number | undefined;
}

export function judgeStorage(figures: RedisFigures, { minFreeBytes, freeBytes }: StorageLimits): Condition[] {
  const conditions: Condition[] = [];
  if (!figures.isLastWriteOk) {
    const detail = 'Redis could not write to its append-only file (aof_last_write_status), its disk may be full';
    conditions.push({ name: 'aof-write', detail, refusal: 'storage-low' });
  }
  if (!figures.isLastRewriteOk) {
    const detail = 'Redis could not rewrite its append-only file (aof_last_bgrewrite_status), so the file grows';
    conditions.push({ name: 'aof-rewrite', detail });
  }
  if (freeBytes !== undefined && freeBytes < minFreeBytes) {
    const detail = `${mib(freeBytes)} are free where Redis keeps its data and MIN_DISK_FREE is ${mib(minFreeBytes)}`;
    conditions.push({ name: 'disk-free', detail, refusal: 'storage-low' });
  }
  return conditions;
}

/** @param isShedding whether memory was low the last time */
export function judgeMemory(figures: RedisFigures, shedPercent: number, isShedding: boolean): Condition[] {
  const { usedMemoryBytes, maxmemoryBytes, systemMemoryBytes } = figures;
  if (maxmemoryBytes === 0) return [];
  const conditions: Condition[] = [];
  const usedPercent = (100 * usedMemoryBytes) / maxmemoryBytes;
  const limit = isShedding ? shedPercent - SHED_HYSTERESIS_PERCENT : shedPercent;
  if (usedPercent >= limit) {
    const detail = `Redis uses ${Math.floor(usedPercent)} % of its maxmemory of ${mib(maxmemoryBytes)}; requests are taken below ${limit} %`;
    conditions.push({ name: 'memory', detail, refusal: 'memory-low' });
  }
  if (systemMemoryBytes > 0 && maxmemoryBytes * FORK_FACTOR > systemMemoryBytes) {
    const detail = `maxmemory ${mib(maxmemoryBytes)} leaves no room for the fork of an append-only file rewrite: the machine of Redis has ${mib(systemMemoryBytes)}`;
    conditions.push({ name: 'fork-room', detail });
  }
  return conditions;
}

/** An operator lets the queue run empty. */
export function judgeDrain(drain: Drain | undefined): Condition[] {
  return drain ? [{ name: 'drain', detail: `the queue is drained: ${drain.reason}`, refusal: 'draining' }] : [];
}

/** Nothing is wrong with the service then, and its answers should go on saying what is: they pass by themselves, or are wanted. */
const READY_ALL_THE_SAME: ReadonlySet<RefusalType | undefined> = new Set([undefined, 'memory-low', 'draining']);

/** Why the service is not ready. */
export function unreadyReasons(conditions: readonly Condition[]): string[] {
  return conditions.filter(({ refusal }) => !READY_ALL_THE_SAME.has(refusal)).map(({ detail }) => detail);
}

function mib(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
