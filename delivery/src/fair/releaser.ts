/**
 * Brings parked postbacks back, the oldest first, when their destination may be called: as many as would start soon, so that
 * what comes back is not parked again. The destination's window grows with what succeeds, and so does what is released. A
 * destination whose breaker's time is over gets one, the probe, and more while the first in line are past their time to live: those
 * only die, and must not be all that is ever let out. Any worker releases for any destination, and looks at all of
 * them in turn; nothing is kept here that another would need if this one died.
 */
import { createLoop, type Loop } from '@postback/core/loop';
import type { Logger } from '@postback/core/logger';
import type { Queue } from '@postback/core/queue/queue';
import type { ParkedDestination } from '@postback/core/queue/scripts/readParked';
import { isPassing } from '@postback/core/redis';
import type { Gate } from '../gate.js';
import type { Conditions } from './conditions.js';
import type { Rates } from './rates.js';
import type { Turns } from './turns.js';

export interface Releaser extends Loop {
  /** A postback of the destination has come back into hand. */
  noteReturn(destination: string): void;
  /** Something was parked for the destination at the last look. */
  hasParked(destination: string): boolean;
}

interface ReleaserDeps {
  readonly queue: Pick<Queue, 'parkedDestinations' | 'release'>;
  readonly turns: Pick<Turns, 'roomFor'>;
  readonly conditions: Pick<Conditions, 'verdict' | 'pausedMsSince'>;
  readonly rates: Pick<Rates, 'take'>;
  readonly gate: Pick<Gate, 'isOpen'>;
  readonly logger: Logger;
  /** Monotonic. */
  readonly now: () => number;
  /** Redis's, ms since the epoch. */
  readonly wallNow: () => number;
  /** Of postbacks without one of their own. */
  readonly ttlMs: number;
}

/** After something was released; while somebody is parked; else a look now and then: whoever parks is heard of at the next. */
const FLOWING_MS = 10;
const BUSY_MS = 50;
const IDLE_MS = 250;
const OUTAGE_PAUSE_MS = 500;
/** Looked at in one round; with more the rounds pass over all of them. */
const PAGE = 200;
/** Released in one round, of all destinations: due retries share the stream with them. */
const ROUND_LIMIT = 500;
/** What was released and has not come back may be in another worker's hand. */
const RETURN_MS = 250;
/** One probe per destination and second is asked for at most. */
const PROBE_EVERY_MS = 1_000;
/** Beside a probe, while the first in line has expired; who has not yet, and comes with them, goes to the end of the line. */
const EXPIRED_AT_ONCE = 100;

export function createReleaser(deps: ReleaserDeps): Releaser {
  const { queue, conditions, rates, turns, gate, logger, now } = deps;
  const away = new Map<string, { count: number; at: number }>();
  let seen = new Set<string>();
  let offset = 0;

  /** A pause of the whole installation is not looked at: those that live longer by it are parked again, a few with each probe. */
  function hasExpired({ destination, oldestAt }: ParkedDestination): boolean {
    return deps.wallNow() - oldestAt - conditions.pausedMsSince(destination, oldestAt) >= deps.ttlMs;
  }

  function howMany(parked: ParkedDestination): number {
    const { destination } = parked;
    const verdict = conditions.verdict(destination);
    if (verdict === 'closed') return 0;
    const out = away.get(destination);
    const ageMs = out ? now() - out.at : Infinity;
    if (verdict === 'probe' && ageMs < PROBE_EVERY_MS) return 0;
    if (verdict === 'probe') return hasExpired(parked) ? EXPIRED_AT_ONCE : 1;
    return out && out.count > 0 && ageMs < RETURN_MS ? 0 : turns.roomFor(destination);
  }

  /** Returns when to look again. */
  async function releaseAll(): Promise<number> {
    const parked = await queue.parkedDestinations(PAGE, offset);
    offset = parked.length < PAGE ? 0 : offset + PAGE;
    seen = new Set(parked.map(({ destination }) => destination));
    let left = ROUND_LIMIT;
    for (const line of parked) {
      const { destination, count } = line;
      const wanted = await rates.take(destination, Math.min(howMany(line), left, count));
      if (wanted === 0) continue;
      away.set(destination, { count: wanted, at: now() });
      const released = await queue.release(destination, wanted);
      away.set(destination, { count: released - (wanted - (away.get(destination)?.count ?? 0)), at: now() });
      left -= released;
      logger.debug('postbacks.released', { destination, count: released });
    }
    if (left < ROUND_LIMIT) return FLOWING_MS;
    return parked.length > 0 || offset > 0 ? BUSY_MS : IDLE_MS;
  }

  function forget(): void {
    for (const [destination, { at }] of away) if (now() - at > PROBE_EVERY_MS) away.delete(destination);
  }

  const loop = createLoop(async () => {
    forget();
    if (!gate.isOpen()) return BUSY_MS;
    try {
      return await releaseAll();
    } catch (error) {
      if (!isPassing(error)) throw error;
      logger.debug('releaser.waiting', { error });
      return OUTAGE_PAUSE_MS;
    }
  });
  return {
    ...loop,
    hasParked: (destination) => seen.has(destination),
    noteReturn: (destination) => {
      const out = away.get(destination);
      if (out) out.count--;
    },
  };
}
