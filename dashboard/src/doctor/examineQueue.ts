/** Whether postbacks get on. Pure. */
import type { ShownOverview } from '../overview/showOverview.js';
import type { DestinationFacts, Facts, Finding } from './facts.js';

const OLD_SECONDS = 60;
const PARKED_SECONDS = 3_600;

export function examineQueue(overview: ShownOverview, { destinations }: Pick<Facts, 'destinations'>): Finding[] {
  const { backlog, recent, unaccounted } = overview;
  if (backlog === null || recent === null) return []; // Redis is away
  const found: Finding[] = [...examineHolds(overview), ...examineWorkers(overview), ...examineAges(overview)];
  if (unaccounted !== 0) {
    const what = `the books do not balance: ${unaccounted} postbacks are unaccounted for`;
    found.push({ level: 'bad', what, next: 'docs/operations.md: data was lost' });
  }
  if (recent.dead > 0) {
    const what = `${recent.dead} postbacks died within the last ${recent.seconds} s`;
    found.push({ level: 'attention', what, next: 'make dead ARGS="--from 10m"' });
  }
  return [...found, ...destinations.flatMap(examineDestination)];
}

function examineHolds({ pause, drain }: ShownOverview): Finding[] {
  const about = ({ since, by, reason }: { since: string; by: string; reason: string }) =>
    `since ${since} (${by}: ${reason})`;
  const next = 'make resume';
  return [
    ...(pause ? [{ level: 'attention', what: `delivery is paused ${about(pause)}`, next } as const] : []),
    ...(drain ? [{ level: 'attention', what: `no request is taken ${about(drain)}`, next } as const] : []),
  ];
}

function examineWorkers({ workers }: ShownOverview): Finding[] {
  const alive = workers.filter(({ isAlive }) => isAlive);
  if (alive.length === 0)
    return [{ level: 'bad', what: 'no delivery worker is alive', next: 'make up; its log: make logs (delivery)' }];
  return alive
    .filter(({ isReady }) => !isReady)
    .map(({ name, reasons }) => ({
      level: 'bad',
      what: `worker ${name} is not ready: ${reasons.join('; ')}`,
      next: 'docs/operations.md: delivery is paused',
    }));
}

function examineAges({ oldest, pause }: ShownOverview): Finding[] {
  const waited = Math.max(oldest?.firstAttemptSeconds ?? 0, oldest?.retrySeconds ?? 0);
  const parked = oldest?.parkedSeconds ?? 0;
  const found: Finding[] = [];
  if (waited > OLD_SECONDS && !pause) {
    const next = 'docs/operations.md: the oldest waiting postback gets older';
    found.push({ level: 'attention', what: `the oldest postback that is due has waited for ${waited} s`, next });
  }
  if (parked > PARKED_SECONDS) {
    const what = `the oldest parked postback was accepted ${Math.floor(parked / 60)} min ago`;
    found.push({ level: 'attention', what, next: 'make destinations' });
  }
  return found;
}

function examineDestination({ destination, state, parked, oldestSeconds }: DestinationFacts): Finding[] {
  if (state === 'called') return [];
  const since = oldestSeconds === undefined ? '' : `, the oldest accepted ${oldestSeconds} s ago`;
  const what = `${destination} is ${state}: ${parked} parked${since}`;
  const next =
    state === 'paused'
      ? `make resume ARGS="--destination ${destination}"`
      : 'docs/operations.md: a destination is broken for long';
  return [{ level: 'attention', what, next }];
}
