/** What the dashboard tells of a run is what happened in it: held against the books and what the endpoint has seen. */
import { readOverview } from '@postback/core/queue/overview';
import { createStats } from '@postback/core/queue/stats';
import { addTally } from '@postback/core/stats/tally';
import { eventually } from '@postback/core/testing/eventually';
import { requestOf } from '../ingest/test/ingestServer.js';
import { startTestStack, type TestStack } from './testStack.js';

let stack: TestStack;
let requests = 0;
beforeAll(async () => {
  stack = await startTestStack({
    env: { RETRY_ATTEMPTS: '2', RETRY_SCHEDULE: '20ms', BREAKER_MIN_SAMPLES: '10000' },
    answer: (_request, response) => {
      // Every third is refused for good, every fourth fails once or twice.
      const n = requests++;
      response.writeHead(n % 3 === 0 ? 404 : n % 4 === 0 ? 503 : 200).end();
    },
  });
}, 60_000);
afterAll(() => stack.stop());

test('accepted, delivered, failed and dead are those of the books and of the endpoint, exactly', async () => {
  for (let round = 0; round < 6; round++) {
    expect((await stack.ingest.post(requestOf(50, 10, stack.endpoint.origin))).status).toBe(202);
  }
  await stack.settled();
  const redis = await stack.redis.connect();
  const stats = createStats(redis);
  const books = await stack.ingest.queue.books();
  expect(books.accepted).toBe(300);
  const read = async () => {
    const last = Math.floor((await stack.ingest.queue.time()) / 60_000);
    const all = new Map<string, number>();
    for (const tally of await stats.minutes(last - 10, last)) {
      addTally(all, [...(tally ?? [])].map(([name, count]) => `${name}=${count}`).join(','));
    }
    const destinations = await stats.destinations(last - 10, last);
    return {
      all: Object.fromEntries(all),
      destination: Object.fromEntries(destinations.get(stack.endpoint.origin) ?? []),
    };
  };
  await eventually('the last second was sent', async () => {
    const { all } = await read();
    return all['a'] === 300 && (all['d'] ?? 0) + (all['f'] ?? 0) === requests;
  });
  const { all, destination } = await read();
  expect(all).toMatchObject({ a: books.accepted, d: books.delivered, x: books.dead, f: requests - books.delivered });
  expect(destination).toMatchObject({ d: books.delivered, x: books.dead, f: requests - books.delivered });
  const { recent, workers } = await readOverview(redis);
  expect(recent.reduce((sum, { delivered }) => sum + delivered, 0)).toBeLessThanOrEqual(books.delivered);
  expect(workers).toMatchObject([{ name: 'worker', reasons: [], busy: 0 }]);
});
