/** Whether Redis can go on keeping what is accepted. Pure. */
import type { ShownOverview } from '../overview/showOverview.js';
import type { Finding, ServiceFacts } from './facts.js';

/** Requests are refused from MEMORY_SHED_PERCENT on, 75 unless set otherwise. */
const MEMORY_SHARE = 0.65;
/** Below MIN_DISK_FREE, 1 GiB unless set otherwise, they are refused too. */
const DISK_BYTES = 2 * 2 ** 30;
const MEMORY_NEXT = 'make destinations says for whom it waits; docs/operations.md: Redis runs out of memory';
const DISK_NEXT = 'make room; docs/operations.md: Redis cannot write to its disk';

export function examineRedis({ redis }: ShownOverview, services: readonly ServiceFacts[]): Finding[] {
  if (!redis.isReachable) {
    const next = 'docker compose ps redis, and its log; docs/operations.md: Redis does not answer';
    return [{ level: 'bad', what: `Redis does not answer the dashboard (${redis.detail})`, next }];
  }
  const found: Finding[] = [];
  const { usedBytes, maxBytes } = redis;
  if (maxBytes === 0) {
    const what = 'Redis has no maxmemory: it would grow until the system ends it';
    found.push({ level: 'bad', what, next: 'set REDIS_MAXMEMORY' });
  } else if (usedBytes / maxBytes >= MEMORY_SHARE) {
    const what = `Redis uses ${Math.floor((100 * usedBytes) / maxBytes)} % of its ${mib(maxBytes)} (maxmemory)`;
    found.push({ level: 'attention', what, next: MEMORY_NEXT });
  }
  if (!redis.aofEnabled)
    found.push({ level: 'bad', what: 'Redis keeps nothing on disk (appendonly no)', next: 'set appendonly yes' });
  if (!redis.lastWriteOk)
    found.push({ level: 'bad', what: 'Redis could not write to its append-only file', next: DISK_NEXT });
  if (!redis.lastRewriteOk)
    found.push({ level: 'attention', what: 'Redis could not rewrite its append-only file, it grows', next: DISK_NEXT });
  return [...found, ...examineDisk(services), ...examineConditions(services)];
}

function examineDisk(services: readonly ServiceFacts[]): Finding[] {
  const free = services.flatMap(({ figures }) =>
    figures.filter(({ name }) => name === 'postback_redis_disk_free_bytes'),
  );
  const least = Math.min(...free.map(({ value }) => value));
  if (!(least < DISK_BYTES)) return [];
  return [{ level: 'attention', what: `${mib(least)} are free on the disk of Redis`, next: DISK_NEXT }];
}

/** What ingest sees of Redis: 2 = requests are refused because of it. Its readiness has told of what makes it unready. */
function examineConditions(services: readonly ServiceFacts[]): Finding[] {
  const conditions = services.flatMap(({ figures }) => figures.filter(({ name }) => name === 'postback_condition'));
  const worst = new Map<string, number>();
  for (const { labels, value } of conditions) {
    const name = labels['condition'] ?? '';
    worst.set(name, Math.max(worst.get(name) ?? 0, value));
  }
  return [...worst].map(([name, value]) => {
    const isRefusing = value > 1;
    const what = isRefusing ? `requests are refused: ${name}` : `ingest sees: ${name}`;
    return { level: isRefusing ? 'bad' : 'attention', what, next: 'docs/operations.md: requests are refused' };
  });
}

function mib(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
