/** Suspects: what may be ending its workers runs alone, until Redis knows how it ended. */
import { silentLogger } from '@postback/core/logger';
import type { Queue } from '@postback/core/queue/queue';
import { eventually } from '@postback/core/testing/eventually';
import { createClaimer } from '../src/claimer.js';
import { createHand } from '../src/fair/hand.js';

test('the next suspect is claimed only when Redis has confirmed how the one before it ended', async () => {
  const events: string[] = [];
  const waiting = ['1-0', '2-0'];
  const claim: Queue['claim'] = ({ stream, suspects }) => {
    const streamId = suspects ? waiting.shift() : undefined;
    if (streamId) events.push(`claimed ${streamId}`);
    const entries = streamId ? [{ stream, streamId, fields: [], deliveryCount: 3 }] : [];
    return Promise.resolve({ entries, trimmedIds: [] });
  };
  let confirm: () => void = () => undefined;
  const claimer = createClaimer({
    queue: {
      keys: { stream: 's', retries: 'r' },
      claim,
      removeConsumers: () => Promise.resolve([]),
    } as unknown as Queue,
    consumer: 'me',
    idleMs: 10,
    hand: createHand(4, () => 0),
    gate: { isOpen: () => true },
    logger: silentLogger,
    isHeld: () => false,
    take:
      ({ streamId }) =>
      () =>
        Promise.resolve(void events.push(`taken ${streamId}`)),
    buryPoison: () => Promise.resolve(),
    confirmed: () => new Promise((resolve) => (confirm = resolve)),
    connectedAt: () => 0,
  });
  claimer.start();
  await eventually('the first suspect is taken', () => events.includes('taken 1-0'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(events).toEqual(['claimed 1-0', 'taken 1-0']);
  confirm();
  await eventually('the second suspect is taken', () => events.includes('taken 2-0'));
  confirm();
  const stopped = claimer.stop();
  confirm();
  await stopped;
});
