/** The queue, with every move counted that it confirms: who moves postbacks need not think of figures. */
import { DEAD_REASONS } from '@postback/core/queue/deadLetter';
import type { Queue } from '@postback/core/queue/queue';
import { Counter, type Registry } from 'prom-client';
import { isGroupLost } from '../untilAnswered.js';

export function countMoves(queue: Queue, registry: Registry): Queue {
  const counters = createCounters(registry);
  return {
    ...queue,
    park: async (destination, items) => {
      const count = await queue.park(destination, items);
      counters.parked.inc(count);
      return count;
    },
    release: async (destination, limit) => {
      const count = await queue.release(destination, limit);
      counters.released.inc(count);
      return count;
    },
    promote: async (limit) => {
      const promotion = await queue.promote(limit);
      counters.promoted.inc(promotion.promoted);
      return promotion;
    },
    claim: async (request) => {
      const claim = await queue.claim(request);
      counters.claimed.inc(claim.entries.length);
      counters.trimmed.inc(claim.trimmedIds.length);
      return claim;
    },
    handBack: async (held, postback) => {
      const isMoved = await queue.handBack(held, postback);
      if (isMoved) counters.handedBack.inc();
      return isMoved;
    },
    bury: async (held, letter) => {
      const isMoved = await queue.bury(held, letter);
      if (isMoved) counters.dead.inc({ reason: letter.reason });
      return isMoved;
    },
    setBreaker: async (destination, change) => {
      const answer = await queue.setBreaker(destination, change);
      if (answer.taken) counters.breakers.inc({ to: change.to });
      return answer;
    },
    readNew: (reader, request) =>
      queue.readNew(reader, request).catch((error: unknown) => {
        if (isGroupLost(error)) counters.lost.inc();
        throw error;
      }),
  };
}

function createCounters(registry: Registry) {
  const make = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const dead = make('postback_dead_total', 'Postbacks that became dead letters, by reason.', 'reason');
  for (const reason of DEAD_REASONS) dead.inc({ reason }, 0);
  const breakers = make('postback_breaker_changes_total', 'Breakers that were opened, also anew, or closed.', 'to');
  for (const to of ['open', 'closed']) breakers.inc({ to }, 0);
  return {
    dead,
    breakers,
    parked: make('postback_parked_total', 'Postbacks that were parked: their destination may not be called now.'),
    released: make('postback_released_total', 'Parked postbacks that were brought back.'),
    promoted: make('postback_promoted_total', 'Retries and scheduled postbacks whose time had come.'),
    claimed: make('postback_claimed_total', 'Postbacks taken over from a worker that died or fell silent.'),
    handedBack: make('postback_handed_back_total', 'Postbacks given back without counting an attempt.'),
    trimmed: make('postback_entries_trimmed_total', 'Postbacks lost: deleted from Redis while they were pending.'),
    lost: make('postback_data_lost_total', 'Times that the consumer group was gone: Redis has lost its data.'),
  };
}
