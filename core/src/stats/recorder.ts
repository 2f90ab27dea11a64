/**
 * Counts what happens in this process until somebody takes the counts (flusher.ts): a few additions for each attempt, nothing is
 * allocated. Its memory is bounded: beyond so many destinations at a time, the rest is counted together.
 */
import { BUCKETS, bucketOf } from './latencyBuckets.js';
import { formatTally, TALLY } from './tally.js';

export interface AttemptFigures {
  /** scheme://host:port */
  readonly destination: string;
  /** What was decided: `delivered`, `retry`, `dead` … */
  readonly outcome: string;
  readonly queueWaitMs?: number | undefined;
  readonly dnsMs?: number | undefined;
  readonly connectMs?: number | undefined;
  /** From the beginning of the attempt. */
  readonly firstByteMs?: number | undefined;
  readonly totalMs: number;
}

/** What was counted since the last time: tallies as text. */
export interface StatsIncrement {
  readonly tally: string;
  /** Accepted, delivered, failed, dead. */
  readonly counts: readonly [number, number, number, number];
  /** The busiest first; OTHER_DESTINATIONS for those that were counted together. */
  readonly destinations: readonly (readonly [destination: string, tally: string])[];
}

export interface StatsRecorder {
  accepted(count: number): void;
  /** @param endToEndMs of a delivery: since its first attempt was due */
  attempted(attempt: AttemptFigures, endToEndMs?: number): void;
  died(reason: string, destination: string | undefined): void;
  /** `undefined` when nothing happened. */
  take(): StatsIncrement | undefined;
}

/** No destination is called so: they have a scheme. */
export const OTHER_DESTINATIONS = 'other';
const MAX_DESTINATIONS = 1_000;

interface Counters {
  delivered: number;
  failed: number;
  dead: number;
  readonly response: Uint32Array;
}

export function createStatsRecorder(maxDestinations = MAX_DESTINATIONS): StatsRecorder {
  let all = freshTotals();
  let destinations = new Map<string, Counters>();

  function countersOf(destination: string): Counters {
    const known = destinations.get(destination);
    if (known) return known;
    const name = destinations.size < maxDestinations ? destination : OTHER_DESTINATIONS;
    const counters = destinations.get(name) ?? freshCounters();
    destinations.set(name, counters);
    return counters;
  }

  return {
    accepted: (count) => {
      all.accepted += count;
    },
    attempted: (attempt, endToEndMs) => {
      const isDelivered = attempt.outcome === 'delivered';
      if (!isDelivered && attempt.outcome !== 'retry' && attempt.outcome !== 'dead') return; // handed back: it did not count
      const bucket = bucketOf(attempt.totalMs);
      const destination = countersOf(attempt.destination);
      for (const counters of [all, destination]) {
        if (isDelivered) counters.delivered++;
        else counters.failed++;
        counters.response[bucket]!++;
      }
      addPhases(all, attempt);
      if (endToEndMs !== undefined) all.endToEnd[bucketOf(endToEndMs)]!++;
    },
    died: (reason, destination) => {
      all.dead++;
      all.reasons.set(reason, (all.reasons.get(reason) ?? 0) + 1);
      if (destination !== undefined) countersOf(destination).dead++;
    },
    take: () => {
      const taken = { all, destinations };
      if (all.accepted + all.delivered + all.failed + all.dead === 0) return undefined;
      all = freshTotals();
      destinations = new Map();
      return incrementOf(taken.all, taken.destinations);
    },
  };
}

interface Totals extends Counters {
  accepted: number;
  queueWaitMs: number;
  queueWaits: number;
  dnsMs: number;
  connectMs: number;
  firstByteMs: number;
  restMs: number;
  readonly reasons: Map<string, number>;
  readonly endToEnd: Uint32Array;
}

function freshCounters(): Counters {
  return { delivered: 0, failed: 0, dead: 0, response: new Uint32Array(BUCKETS) };
}

function freshTotals(): Totals {
  const phases = { queueWaitMs: 0, queueWaits: 0, dnsMs: 0, connectMs: 0, firstByteMs: 0, restMs: 0 };
  return { ...freshCounters(), accepted: 0, ...phases, reasons: new Map(), endToEnd: new Uint32Array(BUCKETS) };
}

/** The phases of an attempt add up to its duration: what came before the first byte is taken off it, and so on. */
function addPhases(all: Totals, attempt: AttemptFigures): void {
  const { queueWaitMs, dnsMs = 0, connectMs = 0, firstByteMs, totalMs } = attempt;
  if (queueWaitMs !== undefined) {
    all.queueWaitMs += queueWaitMs;
    all.queueWaits++;
  }
  all.dnsMs += dnsMs;
  all.connectMs += connectMs;
  const beforeFirst = Math.max(0, (firstByteMs ?? totalMs) - dnsMs - connectMs);
  all.firstByteMs += beforeFirst;
  all.restMs += Math.max(0, totalMs - dnsMs - connectMs - beforeFirst);
}

function incrementOf(all: Totals, destinations: ReadonlyMap<string, Counters>): StatsIncrement {
  const { accepted, delivered, failed, dead } = all;
  const us = (ms: number) => Math.round(ms * 1_000);
  const tally = formatTally([
    [TALLY.accepted, accepted],
    ...plainCounts(all),
    [TALLY.queueWaitUs, us(all.queueWaitMs)],
    [TALLY.queueWaits, all.queueWaits],
    [TALLY.dnsUs, us(all.dnsMs)],
    [TALLY.connectUs, us(all.connectMs)],
    [TALLY.firstByteUs, us(all.firstByteMs)],
    [TALLY.restUs, us(all.restMs)],
    ...[...all.reasons].map(([reason, count]) => [TALLY.deadBecause + reason, count] as const),
    ...bucketCounts(TALLY.endToEndBucket, all.endToEnd),
  ]);
  const busiest = [...destinations].sort(([, left], [, right]) => sizeOf(right) - sizeOf(left));
  return {
    tally,
    counts: [accepted, delivered, failed, dead],
    destinations: busiest.map(([name, counters]) => [name, formatTally(plainCounts(counters))]),
  };
}

function plainCounts({ delivered, failed, dead, response }: Counters): (readonly [string, number])[] {
  return [
    [TALLY.delivered, delivered],
    [TALLY.failed, failed],
    [TALLY.dead, dead],
    ...bucketCounts(TALLY.responseBucket, response),
  ];
}

function bucketCounts(head: string, counts: Uint32Array): (readonly [string, number])[] {
  return Array.from(counts, (count, bucket) => [`${head}${bucket}`, count] as const).filter(([, count]) => count > 0);
}

function sizeOf({ delivered, failed, dead }: Counters): number {
  return delivered + failed + dead;
}
