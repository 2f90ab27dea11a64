/** What somebody who opens the page must know first, and what to do about it: the gravest first. Pure. */
import type { Overview, Worker } from '../api/types.js';
import { formatCount } from '../format/numbers.js';
import { formatDistance } from '../format/times.js';

export interface Banner {
  readonly kind: 'bad' | 'warn' | 'calm';
  readonly title: string;
  readonly detail: string;
  /** A page of the documentation about it. */
  readonly page?: string;
}

export function bannersOf(overview: Overview | undefined, isLive: boolean, now: number): Banner[] {
  if (!isLive) return [lost(overview, now)];
  if (!overview) return [];
  if (!overview.redis.isReachable) return [redisAway()];
  return [
    ...workerBanners(overview),
    ...holdBanners(overview, now),
    ...redisBanners(overview),
    ...bookBanners(overview),
  ];
}

function lost(overview: Overview | undefined, now: number): Banner {
  const since = overview ? ` What you see is from ${formatDistance(overview.at, now)}.` : '';
  return {
    kind: 'bad',
    title: 'No news from the dashboard service',
    detail: `Trying again every few seconds.${since} If it stays like this: is the service up (make logs)?`,
    page: 'operations',
  };
}

function redisAway(): Banner {
  return {
    kind: 'bad',
    title: 'Redis cannot be reached',
    detail:
      'New requests are answered with 503 and delivery stands still. What was accepted is on its disk, and goes on by itself once Redis is back.',
    page: 'operations',
  };
}

function workerBanners({ workers, books }: Overview): Banner[] {
  if (!workers) return [];
  const alive = workers.filter(({ isAlive }) => isAlive);
  if (alive.length === 0) return [noWorker(books)];
  const silent = workers.filter(({ isAlive }) => !isAlive);
  const unready = alive.filter(({ isReady }) => !isReady);
  return [...unready.map((worker) => notReady(worker, unready.length === alive.length)), ...silent.map(fellSilent)];
}

function noWorker(books: Overview['books']): Banner {
  const queued = books ? books.waiting + books.delayed + books.parked + books.pending : 0;
  const left = queued > 0 ? `: ${formatCount(queued)} are queued` : '';
  return {
    kind: 'bad',
    title: 'No delivery worker is alive',
    detail: `Requests are still accepted, and nothing is sent${left}. Start one: make up, or make scale DELIVERY_REPLICAS=1.`,
    page: 'operations',
  };
}

function notReady({ name, reasons }: Worker, isAll: boolean): Banner {
  return {
    kind: isAll ? 'bad' : 'warn',
    title: `Worker ${name} is not ready`,
    detail: reasons.length > 0 ? `${reasons.join('; ')}.` : 'It gives no reason.',
    page: 'operations',
  };
}

function fellSilent({ name }: Worker): Banner {
  return {
    kind: 'warn',
    title: `Worker ${name} fell silent`,
    detail: 'The others go on; what it held is taken over by them.',
    page: 'operations',
  };
}

function holdBanners({ pause, drain }: Overview, now: number): Banner[] {
  const about = (hold: NonNullable<Overview['pause']>) =>
    `${hold.since ? `${formatDistance(hold.since, now)}, ` : ''}by ${hold.by ?? 'somebody'}${hold.reason ? `: ${hold.reason}` : ''}`;
  return [
    ...(pause
      ? [
          {
            kind: 'warn' as const,
            title: 'Delivery is paused',
            detail: `Since ${about(pause)}. Requests are still accepted; nothing is sent until somebody resumes.`,
            page: 'operations',
          },
        ]
      : []),
    ...(drain
      ? [
          {
            kind: 'warn' as const,
            title: 'Draining: no request is taken',
            detail: `Since ${about(drain)}. New requests get 503, what is queued is still delivered. Resume ends it.`,
            page: 'operations',
          },
        ]
      : []),
  ];
}

const FULL_SHARE = 0.9;

function redisBanners({ redis }: Overview): Banner[] {
  const { usedBytes, maxBytes, aofEnabled, lastWriteOk } = redis;
  const banners: Banner[] = [];
  if (usedBytes && maxBytes && usedBytes / maxBytes >= FULL_SHARE)
    banners.push({
      kind: 'warn',
      title: 'Redis is nearly full',
      detail: `${Math.round((100 * usedBytes) / maxBytes)} % of its memory is used; requests are refused before it is full. Raise REDIS_MAXMEMORY, or look at what waits and what is dead.`,
      page: 'durability',
    });
  if (aofEnabled === false || lastWriteOk === false)
    banners.push({
      kind: 'bad',
      title: aofEnabled === false ? 'Redis keeps nothing on disk' : 'Redis cannot write to its disk',
      detail: 'What is accepted now would be lost with its process.',
      page: 'durability',
    });
  return banners;
}

function bookBanners({ unaccounted }: Overview): Banner[] {
  if (!unaccounted) return [];
  return [
    {
      kind: 'bad',
      title: `The books are off by ${formatCount(unaccounted)}`,
      detail: 'Accepted and the sum of all places differ. That is a fault of ours: keep the logs and report it.',
      page: 'reliability',
    },
  ];
}
