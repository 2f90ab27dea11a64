/**
 * Takes over postbacks whose worker died or fell silent, after CLAIM_IDLE. After every (re)connect it waits for one CLAIM_IDLE
 * first: idle time counts Redis's downtime too, and the owners need their chance to settle. An entry that was handed out twice
 * before is a suspect (it may be what kills its workers): suspects run one at a time, so that innocents do not die with them,
 * and one handed out more than five times becomes a dead letter. While delivery is paused nothing is taken over.
 */
import { createLoop, type Loop } from '@postback/core/loop';
import type { Logger } from '@postback/core/logger';
import type { Queue } from '@postback/core/queue/queue';
import type { ClaimedEntry } from '@postback/core/queue/scripts/claim';
import { isPassing } from '@postback/core/redis';
import type { Gate } from './gate.js';
import type { Errand, Hand } from './fair/hand.js';
import { isGroupLost } from './untilAnswered.js';

interface ClaimerDeps {
  readonly queue: Queue;
  readonly consumer: string;
  readonly idleMs: number;
  readonly hand: Hand;
  readonly gate: Pick<Gate, 'isOpen'>;
  readonly logger: Logger;
  /** True for an entry that this process is working on: a claim of it would be a claim of our own. */
  readonly isHeld: (entry: ClaimedEntry) => boolean;
  /** Holds the entry from now on; what it returns delivers it. */
  readonly take: (entry: ClaimedEntry) => (errand: Errand) => Promise<void>;
  readonly buryPoison: (entry: ClaimedEntry) => Promise<void>;
  /** Resolves when Redis has confirmed what was delivered so far. */
  readonly confirmed: () => Promise<void>;
  /** When the present connection to Redis began, monotonic ms. */
  readonly connectedAt: () => number;
}

const HAND_OUT_LIMIT = 5;
const CLAIM_LIMIT = 100;

export function createClaimer(deps: ClaimerDeps): Loop {
  const { idleMs, logger, connectedAt } = deps;
  return createLoop(async () => {
    const settleInMs = connectedAt() + idleMs - performance.now();
    if (settleInMs > 0) return settleInMs;
    try {
      for (const stream of [deps.queue.keys.stream, deps.queue.keys.retries]) {
        if (!deps.gate.isOpen()) break;
        await claimFresh(stream, deps);
        while (deps.gate.isOpen() && (await claimSuspect(stream, deps)));
        await deps.queue.removeConsumers(stream, { silentMs: 2 * idleMs });
      }
    } catch (error) {
      if (!isPassing(error) && !isGroupLost(error)) throw error;
      logger.debug('claimer.waiting', { error });
    }
    return idleMs / 4;
  });
}

/** Entries of a worker that died once: taken over together, in the lane of the retries. */
async function claimFresh(stream: string, deps: ClaimerDeps): Promise<void> {
  const limit = Math.min(await deps.hand.room('retry'), CLAIM_LIMIT);
  if (limit === 0) return;
  for (const entry of await claimEntries(stream, deps, { limit, suspects: false })) {
    deps.hand.run('retry', deps.take(entry));
  }
}

/**
 * One suspect, alone: the next is claimed when Redis knows how this one ended. Otherwise an innocent that was delivered, but not yet
 * confirmed, would be handed out again with every crash of its neighbour, and die with it. Returns whether there was one.
 */
async function claimSuspect(stream: string, deps: ClaimerDeps): Promise<boolean> {
  if ((await deps.hand.room('retry')) === 0) return false;
  const [entry] = await claimEntries(stream, deps, { limit: 1, suspects: true });
  if (!entry) return false;
  if (entry.deliveryCount > HAND_OUT_LIMIT) await deps.buryPoison(entry);
  else await runAlone(deps.take(entry), deps);
  await deps.confirmed();
  return true;
}

function runAlone(task: (errand: Errand) => Promise<void>, { hand }: ClaimerDeps): Promise<void> {
  return new Promise((resolve) => hand.run('retry', (errand) => task(errand).finally(resolve)));
}

async function claimEntries(stream: string, deps: ClaimerDeps, what: { limit: number; suspects: boolean }) {
  const { queue, consumer, idleMs, logger, isHeld } = deps;
  const { entries, trimmedIds } = await queue.claim({ stream, consumer, idleMs, ...what });
  if (trimmedIds.length > 0) logger.error('queue.entries_trimmed', { stream, ids: trimmedIds });
  if (entries.length > 0) logger.warn('postbacks.claimed', { stream, count: entries.length, ...what });
  return entries.filter((entry) => !isHeld(entry));
}
