/** What a postback costs in Redis's memory, in each of its places: measured, and held against the table of docs/operations.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEntry, type Postback } from '@postback/core/queue/entry';
import type { Queue } from '@postback/core/queue/queue';
import type { Held } from '@postback/core/queue/scripts/held';
import type { RedisConnection } from '@postback/core/redis';
import { useTestQueue } from './testQueue.js';

let redis: RedisConnection;
let queue: Queue;

useTestQueue((fresh) => void ({ redis, queue } = fresh));

const COUNT = 10_000;
const PAGE = 1_000;
/** Redis's allocator and its other versions round differently. */
const TOLERANCE = 0.1;
const ENDPOINT = {
  endpointHash: 'h'.repeat(22),
  endpointJson: JSON.stringify({
    method: 'GET',
    url: 'https://partner.example/postback?id={id}&amount={amount}&currency={currency}',
  }),
};

const used = async () => Number(/used_memory:(\d+)/.exec((await redis.send('', ['INFO', 'memory'])) as string)?.[1]);

/** Each data object has 110 bytes. */
const accept = async () => {
  for (let from = 0; from < COUNT; from += PAGE) {
    const data = Array.from({ length: PAGE }, (_, n) => JSON.stringify({ n: 1e6 + from + n, pad: 'x'.repeat(88) }));
    await queue.enqueue({ ...ENDPOINT, data });
  }
};

type Item = { readonly held: Held; readonly postback: Postback };

/** Moves all that waits, as a worker would after one attempt. */
const moveAll = async (move: (items: readonly Item[]) => Promise<unknown>) => {
  for (let moved = 0; moved < COUNT; moved += PAGE) {
    const { stream } = queue.keys;
    const entries = await queue.readNew(redis, { stream, consumer: 'w', count: PAGE, blockMs: 1 });
    await move(
      entries.map(({ streamId, fields }) => ({
        held: { stream, streamId, consumer: 'w' },
        postback: readEntry(0, streamId, fields),
      })),
    );
  }
};
const tried = (postback: Postback): Postback => ({
  ...postback,
  attemptsMade: 1,
  history: [[1_795_000_000_000, 503, 120]],
});

const MOVES: Readonly<Record<string, (items: readonly Item[]) => Promise<unknown>>> = {
  waiting: () => Promise.resolve(),
  parked: (items) => queue.park('https://partner.example:443', items),
  delayed: (items) =>
    Promise.all(
      items.map(({ held, postback }) => queue.delay(held, { postback: tried(postback), delayMs: 3_600_000 })),
    ),
  dead: (items) =>
    Promise.all(
      items.map(({ held, postback }) => {
        const about = { v: 1, reason: 'rejected', detail: 'HTTP 404', lastStatus: 404, lastBody: 'not found' } as const;
        return queue.bury(held, { ...tried(postback), ...about, endpointJson: ENDPOINT.endpointJson });
      }),
    ),
};

test.each(Object.keys(MOVES))('a %s postback costs what the page says', async (place) => {
  await redis.send('', ['FLUSHALL']);
  await queue.ensureGroups();
  const before = await used();
  await accept();
  if (place !== 'waiting') await moveAll(MOVES[place] as never);
  const bytes = ((await used()) - before) / COUNT;
  const page = readFileSync(join(__dirname, '../../../docs/operations.md'), 'utf8');
  const told = Number(new RegExp(`^\\| ${place} \\|.*\\| (\\d+) B \\|$`, 'm').exec(page)?.[1]);
  if (!(Math.abs(bytes - told) <= TOLERANCE * bytes))
    throw new Error(`${place}: the page says ${told} B, measured ${bytes} B`);
});
