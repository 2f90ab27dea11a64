/** The installation in figures. Nothing is said of what could not be read: an old figure would look like a new one. */
import { counterAtScrape, gaugeAtScrape, gaugesAtScrape } from '@postback/core/metrics/atScrape';
import type { DestinationState } from '@postback/core/queue/destinationState';
import { imbalance } from '@postback/core/queue/scripts/books';
import type { Registry } from 'prom-client';
import type { InstallationReading } from './readInstallation.js';

/** They say so once a second. */
const ALIVE_MS = 3_000;

/** `undefined`: Redis could not be read at this scrape. */
type Read = () => InstallationReading | undefined;

export function tellInstallation(registry: Registry, read: Read): void {
  const gauge = (name: string, help: string, of: (reading: InstallationReading) => number | undefined) =>
    gaugeAtScrape(registry, { name, help }, () => {
      const reading = read();
      return reading && of(reading);
    });
  gaugeAtScrape(registry, { name: 'postback_redis_up', help: '1 when Redis answers the dashboard.' }, () =>
    Number(read() !== undefined),
  );
  tellBooks(registry, read);
  gauge('postback_books_unaccounted', 'What the books are off by; 0 when they balance.', ({ books }) =>
    imbalance(books),
  );
  gauge(
    'postback_oldest_waiting_age_seconds',
    'Age of the oldest entry that is due and not delivered, waiting or pending; 0 when there is none.',
    ({ oldest }) => ageSeconds(earliest([oldest.firstAt, oldest.retryAt]), oldest.now),
  );
  gauge(
    'postback_oldest_parked_age_seconds',
    'Time since the acceptance of the parked postback that waits longest; 0 when there is none.',
    ({ oldest }) => ageSeconds(oldest.parkedAt, oldest.now),
  );
  gauge('postback_paused', '1 while delivery is paused in the whole installation.', ({ pause }) =>
    Number(pause !== undefined),
  );
  gauge('postback_draining', '1 while no request is taken because of a drain.', ({ drain }) =>
    Number(drain !== undefined),
  );
  gauge(
    'postback_workers',
    'Delivery workers that have said within 3 s that they live.',
    ({ workers, oldest }) => workers.filter(({ seenAt }) => oldest.now - seenAt < ALIVE_MS).length,
  );
  gauge(
    'postback_longest_broken_seconds',
    'How long the destination has been broken whose breaker closed longest ago; 0 when none is broken.',
    ({ states, oldest }) => ageSeconds(longestBrokenSince(states), oldest.now),
  );
  tellRedis(gauge);
  const states = {
    name: 'postback_destinations',
    help: 'Destinations that are not simply called, by what holds for them.',
    label: 'state',
  };
  gaugesAtScrape(registry, states, () => {
    const reading = read();
    return reading ? countStates(reading) : [];
  });
}

function tellBooks(registry: Registry, read: Read): void {
  const backlog = { name: 'postback_backlog', help: 'Postbacks by where they are.', label: 'state' };
  gaugesAtScrape(registry, backlog, () => {
    const reading = read();
    if (!reading) return [];
    const { waiting, pending, delayed, parked, dead } = reading.books;
    return Object.entries({ waiting, pending, delayed, parked, dead });
  });
  for (const entry of ['accepted', 'delivered', 'purged', 'trimmed', 'cancelled'] as const) {
    const about = {
      name: `postback_books_${entry}_total`,
      help: `Postbacks ${entry} since the installation was made, as Redis has it.`,
    };
    counterAtScrape(registry, about, () => read()?.books[entry]);
  }
}

type TellGauge = (name: string, help: string, of: (reading: InstallationReading) => number | undefined) => void;

function tellRedis(gauge: TellGauge): void {
  gauge('postback_redis_used_bytes', 'Memory of Redis that counts against its maxmemory.', ({ figures }) =>
    Math.max(0, figures.usedMemoryBytes),
  );
  gauge('postback_redis_max_bytes', 'maxmemory of Redis; 0: no limit.', ({ figures }) => figures.maxmemoryBytes);
  gauge('postback_redis_aof_enabled', '1 when Redis keeps its data on disk.', ({ figures }) => Number(figures.isAofOn));
  gauge(
    'postback_redis_aof_write_ok',
    '0 when the last write to the append-only file failed, most often because the disk is full.',
    ({ figures }) => Number(figures.isLastWriteOk),
  );
  gauge(
    'postback_redis_aof_rewrite_ok',
    '0 when the append-only file could not be rewritten, so that it grows.',
    ({ figures }) => Number(figures.isLastRewriteOk),
  );
}

function ageSeconds(at: number | undefined, now: number): number {
  return at === undefined ? 0 : Math.max(0, now - at) / 1_000;
}

function longestBrokenSince(states: readonly DestinationState[]): number | undefined {
  return earliest(states.map(({ breaker }) => breaker && (breaker.downSince ?? breaker.since)));
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function countStates({ states, oldest: { now } }: InstallationReading): [string, number][] {
  const count = (holds: (state: DestinationState) => boolean) => states.filter(holds).length;
  return [
    ['paused', count(({ pause }) => pause !== undefined)],
    ['broken', count(({ breaker }) => breaker !== undefined)],
    ['held', count(({ holdUntil }) => holdUntil > now)],
  ];
}
