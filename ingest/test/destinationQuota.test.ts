/** Scenario 11, the second half: one destination that is away fills its own room, and not that of the others. */
import { readEntry } from '@postback/core/queue/entry';
import { imbalance } from '@postback/core/queue/scripts/books';
import { eventually } from '@postback/core/testing/eventually';
import type { RedisConnection } from '@postback/core/redis';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { destinationQuotaSetting, quotaBytes } from '../src/destinationQuota.js';
import { requestOf, startTestIngest, type TestIngest } from './ingestServer.js';

const AWAY = 'http://127.0.0.1:9';

let redis: TestRedis;
let worker: RedisConnection;
let ingest: TestIngest;

const start = async (maxmemory: string, destinationPercent?: number) => {
  redis = await startTestRedis(['--maxmemory', maxmemory]);
  worker = await redis.connect();
  const quota = destinationPercent === undefined ? {} : { destinationPercent };
  ingest = await startTestIngest({ redisUrl: redis.url, ...quota });
  await ingest.queue.ensureGroups();
  await eventually('ready', async () => (await ingest.readiness()).status === 200);
};
/** As a worker would that knows the destination to be away. */
const parkAll = async () => {
  const { keys } = ingest.queue;
  const read = { stream: keys.stream, consumer: 'w', count: 1_000, blockMs: 1 };
  const entries = await ingest.queue.readNew(worker, read);
  const items = entries.map(({ stream, streamId, fields }) => ({
    held: { stream, streamId, consumer: 'w' },
    postback: readEntry(0, streamId, fields),
  }));
  return ingest.queue.park(AWAY, items);
};
/** Parks one request after another until one is refused. */
const fill = () =>
  eventually(
    'refused',
    async () => {
      const answer = await ingest.post(requestOf(200, 1_000, AWAY));
      await parkAll();
      return answer.status === 202 ? undefined : answer;
    },
    60_000,
  );
const oomReplies = async () => ((await worker.send('', ['INFO', 'errorstats'])) as string).match(/errorstat_OOM/) ?? [];

describe('the room of a destination', () => {
  afterEach(async () => {
    expect(imbalance(await ingest.queue.books())).toBe(0);
    await ingest.stop();
    await redis.stop();
  });

  test('a destination whose parked postbacks fill its share is refused, and 99 others are taken without a single 503', async () => {
    await start('48mb');
    const refused = await fill();
    expect(refused).toMatchObject({ status: 503, body: { type: '/docs/errors/destination-backlog-full' } });
    expect(refused.body.detail).toMatch(
      /^18\.\d MiB wait for http:..127\.0\.0\.1:9, and DESTINATION_MAX_BACKLOG allows 18\.0/,
    );
    expect(refused.headers.get('retry-after')).toBe('30');
    for (let n = 1; n <= 99; n++) {
      expect(await ingest.post(requestOf(50, 1_000, `http://127.0.0.1:${9_000 + n}`))).toMatchObject({ status: 202 });
    }
    expect(await ingest.post(requestOf(1, 10, AWAY))).toMatchObject({ status: 503 });
    expect(await oomReplies()).toEqual([]);
    await ingest.queue.release(AWAY, 500);
    expect(await ingest.post(requestOf(1, 10, AWAY))).toMatchObject({ status: 202 });
  });

  test('memory filled to the shedding line by one destination, all parked: Redis never refuses, and all of it can leave', async () => {
    await start('32mb', 100);
    expect(await fill()).toMatchObject({ status: 503, body: { type: '/docs/errors/memory-low' } });
    while ((await parkAll()) > 0);
    const { parked } = await ingest.queue.books();
    expect(parked).toBeGreaterThan(10_000);
    expect(await ingest.queue.release(AWAY, parked)).toBe(parked);
    expect(await ingest.queue.books()).toMatchObject({ parked: 0, waiting: parked });
    expect(await oomReplies()).toEqual([]);
  });

  test('a drain refuses every request and says why, stays ready, and ends', async () => {
    await start('200mb');
    await ingest.queue.startDrain({ by: 'operator', reason: 'moving to another machine' });
    const post = () => ingest.post(requestOf(1));
    const refused = await eventually('the drain is seen', async () => {
      const answer = await post();
      return answer.status === 202 ? undefined : answer;
    });
    expect(refused).toMatchObject({ status: 503, body: { type: '/docs/errors/draining' } });
    expect(refused.body.detail).toContain('moving to another machine');
    expect((await ingest.readiness()).status).toBe(200);
    expect(await ingest.queue.startDrain({ by: 'other', reason: '' })).toBe(false);
    expect(await ingest.queue.readDrain()).toMatchObject({ by: 'operator' });
    await ingest.queue.endDrain();
    await eventually('requests are taken again', async () => (await post()).status === 202);
  });
});

describe('DESTINATION_MAX_BACKLOG', () => {
  const parse = (text: string) => destinationQuotaSetting({ default: '50%', description: '' }).parse(text);
  const redisLimits = { maxmemoryBytes: 1_000_000, memoryShedPercent: 80 };

  test.each([
    ['50%', 400_000],
    ['50', 400_000],
    ['100%', undefined],
    ['512mb', 536_870_912],
    ['1kb', 1_024],
  ])('%s allows %s bytes', (text, bytes) => {
    expect(quotaBytes(parse(text), redisLimits)).toBe(bytes);
  });

  test.each(['0%', '101%', '-1', 'half', '', '5%%'])('%s is refused', (text) => {
    expect(() => parse(text)).toThrow(/expected/);
  });

  test('as a share needs a limit of Redis', () => {
    expect(quotaBytes(parse('50%'), { ...redisLimits, maxmemoryBytes: 0 })).toBeUndefined();
  });
});
