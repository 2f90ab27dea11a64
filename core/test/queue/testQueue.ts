/** A queue for each test: a Redis of the file's own, a key prefix of the test's own, and balanced books afterwards. */
import { queueKeys } from '@postback/core/queue/keys';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import { imbalance } from '@postback/core/queue/scripts/books';
import type { RedisConnection } from '@postback/core/redis';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';

export interface TestQueue {
  readonly server: TestRedis;
  readonly redis: RedisConnection;
  readonly queue: Queue;
}

export const ENDPOINT = {
  endpointHash: 'endpoint-hash',
  endpointJson: '{"method":"GET","url":"http://sink/?a={a}"}',
};

/** Registers the hooks; `take` gets the queue of each test before it begins. */
export function useTestQueue(take: (fresh: TestQueue) => void): void {
  let server: TestRedis;
  let redis: RedisConnection;
  let queue: Queue;
  let round = 0;

  beforeAll(async () => {
    server = await startTestRedis();
    redis = await server.connect();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    queue = createQueue(redis, queueKeys(0, `test-${round++}`));
    await queue.ensureGroups();
    take({ server, redis, queue });
  });
  afterEach(async () => {
    expect(imbalance(await queue.books())).toBe(0);
  });
}
