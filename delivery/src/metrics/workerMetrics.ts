/** What a worker is doing now, read when somebody asks. */
import { counterAtScrape, gaugeAtScrape, gaugesAtScrape } from '@postback/core/metrics/atScrape';
import type { Registry } from 'prom-client';
import type { AttemptKeeper } from '../attemptKeeper.js';
import type { Turns } from '../fair/turns.js';
import type { Hand } from '../fair/hand.js';
import type { Guard } from '../guard.js';
import type { PauseWatcher } from '../pauseWatcher.js';
import type { Settler } from '../settler.js';

interface WorkerParts {
  readonly capacity: number;
  readonly hand: Pick<Hand, 'busy'>;
  readonly turns: Pick<Turns, 'running'>;
  readonly settler: Pick<Settler, 'unconfirmed'>;
  readonly keeper: Pick<AttemptKeeper, 'dropped'>;
  readonly guard: Pick<Guard, 'pausedBecause'>;
  readonly pause: Pick<PauseWatcher, 'current'>;
}

export function watchWorker(registry: Registry, parts: WorkerParts): void {
  const { capacity, hand, turns, settler, keeper, guard, pause } = parts;
  const gauge = (name: string, help: string, read: () => number) => gaugeAtScrape(registry, { name, help }, read);
  gauge('postback_slots', 'Attempts that this worker may have under way (DELIVERY_CONCURRENCY).', () => capacity);
  gauge('postback_slots_busy', 'Attempts under way.', () => turns.running());
  gauge('postback_in_hand', 'Postbacks that this worker has read and not yet moved.', () => hand.busy());
  gauge('postback_settles_unconfirmed', 'Deliveries that Redis has not confirmed yet.', () => settler.unconfirmed());
  const dropped = 'Attempts that cannot be looked up: Redis had no memory for them or did not answer.';
  counterAtScrape(registry, { name: 'postback_attempt_rows_dropped_total', help: dropped }, () => keeper.dropped());
  const paused = {
    name: 'postback_delivery_paused',
    help: '1 while delivery stands still, by who paused it; own-fault: this worker, because of a fault of ours.',
    label: 'by',
  };
  gaugesAtScrape(registry, paused, () => {
    const by = pause.current()?.by;
    const isOwnFault = guard.pausedBecause() !== undefined;
    return [
      ...(['operator', 'restore', 'poison'] as const).map((name) => [name, Number(by === name)] as const),
      ['own-fault', Number(isOwnFault)],
    ];
  });
}
