/** How the overview is shown: times in ISO 8601, ages in seconds by Redis's clock. Pure. */
import type { Overview } from '@postback/core/queue/overview';
import type { Oldest } from '@postback/core/queue/scripts/oldest';
import { imbalance } from '@postback/core/queue/scripts/books';
import type { RecentSecond, SeenWorker } from '@postback/core/queue/scripts/readStats';
import type { RedisFigures } from '@postback/core/queue/redisState';

/** Workers say once a second that they live. */
const ALIVE_MS = 2_500;
const RECENT_SECONDS = 60;
/** A rate is that of so many whole seconds: with one alone it would jump. */
const RATE_SECONDS = 10;
/** What counts in a second has been sent by the end of the next. */
const SETTLED_SECONDS = 1;

export type ShownOverview = ReturnType<typeof showOverview> | ReturnType<typeof showUnreachable>;

export function showOverview({ books, oldest, pause, drain, workers, recent, figures }: Overview) {
  const { waiting, pending, delayed, parked, dead } = books;
  const ages = showAges(oldest);
  const known = Object.values(ages).filter((age) => age !== null);
  return {
    at: toTime(oldest.now),
    books,
    unaccounted: imbalance(books),
    backlog: { waiting, pending, delayed, parked, dead },
    oldestWaitingSeconds: known.length === 0 ? null : Math.max(...known),
    oldest: ages,
    pause: pause ? { since: toTime(pause.since), by: pause.by, reason: pause.reason } : null,
    drain: drain ? { since: toTime(drain.since), by: drain.by, reason: drain.reason } : null,
    workers: workers
      .map((worker) => showWorker(worker, oldest.now))
      .sort((left, right) => left.startedAt.localeCompare(right.startedAt) || left.name.localeCompare(right.name)),
    redis: showRedis(figures),
    recent: showRecent(recent, oldest.now),
  };
}

/** Of nothing else can be told then. */
export function showUnreachable(now: number, detail: string) {
  return {
    at: toTime(now),
    books: null,
    unaccounted: null,
    backlog: null,
    oldestWaitingSeconds: null,
    oldest: null,
    pause: null,
    drain: null,
    workers: [],
    redis: { isReachable: false as const, detail },
    recent: null,
  };
}

function showAges({ now, firstAt, retryAt, parkedAt }: Oldest) {
  const ageOf = (at: number | undefined) => (at === undefined ? null : Math.max(0, Math.round((now - at) / 1_000)));
  return { firstAttemptSeconds: ageOf(firstAt), retrySeconds: ageOf(retryAt), parkedSeconds: ageOf(parkedAt) };
}

function showWorker({ name, version, startedAt, seenAt, slots, busy, reasons }: SeenWorker, now: number) {
  const isAlive = now - seenAt <= ALIVE_MS;
  const isReady = isAlive && reasons.length === 0;
  return {
    name,
    version,
    startedAt: toTime(startedAt),
    seenAt: toTime(seenAt),
    isAlive,
    slots,
    busy,
    isReady,
    reasons,
  };
}

function showRedis(figures: RedisFigures) {
  return {
    isReachable: true as const,
    usedBytes: figures.usedMemoryBytes,
    maxBytes: figures.maxmemoryBytes,
    aofEnabled: figures.isAofOn,
    lastWriteOk: figures.isLastWriteOk,
    lastRewriteOk: figures.isLastRewriteOk,
  };
}

function showRecent(recent: readonly RecentSecond[], now: number) {
  const end = Math.floor(now / 1_000) - SETTLED_SECONDS;
  const minute = sumOf(recent.filter(({ second }) => second > end - RECENT_SECONDS));
  const rate = sumOf(recent.filter(({ second }) => second > end - RATE_SECONDS && second <= end));
  const perSecond = Object.fromEntries(Object.entries(rate).map(([name, count]) => [name, count / RATE_SECONDS]));
  return { seconds: RECENT_SECONDS, ...minute, perSecond: perSecond as typeof rate };
}

function sumOf(seconds: readonly RecentSecond[]) {
  const sum = { accepted: 0, delivered: 0, failedAttempts: 0, dead: 0 };
  for (const { accepted, delivered, failed, dead } of seconds) {
    sum.accepted += accepted;
    sum.delivered += delivered;
    sum.failedAttempts += failed;
    sum.dead += dead;
  }
  return sum;
}

function toTime(ms: number): string {
  return new Date(ms).toISOString();
}
