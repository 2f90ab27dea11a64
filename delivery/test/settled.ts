/** Waits until nothing is left to deliver: neither in a stream nor delayed nor parked. */
import type { Queue } from '@postback/core/queue/queue';
import { eventually } from '@postback/core/testing/eventually';

export async function settled(queue: Pick<Queue, 'books'>, timeoutMs = 30_000): Promise<void> {
  await eventually(
    'nothing is left to deliver',
    async () => {
      const { waiting, pending, delayed, parked } = await queue.books();
      return waiting + pending + delayed + parked === 0;
    },
    timeoutMs,
  );
}
