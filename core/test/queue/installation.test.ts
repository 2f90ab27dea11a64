import { checkInstallation } from '@postback/core/queue/installation';
import { queueKeys } from '@postback/core/queue/keys';
import type { RedisConnection } from '@postback/core/redis';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';

const keys = queueKeys(0, 'installation-test');
let server: TestRedis;
let redis: RedisConnection;

beforeAll(async () => {
  server = await startTestRedis();
  redis = await server.connect();
});
afterAll(() => server.stop());
beforeEach(() => redis.send('', ['FLUSHALL']));

test('the marker is made once and found from then on', async () => {
  const { kind, installation } = await checkInstallation(redis, keys, undefined);
  expect(kind).toBe('made');
  expect(await checkInstallation(redis, keys, undefined)).toEqual({ kind: 'found', installation });
  expect(await checkInstallation(redis, keys, installation)).toEqual({ kind: 'same', installation });
});

test('after the data set vanished each process notices once, and one new marker is made', async () => {
  const { installation } = await checkInstallation(redis, keys, undefined);
  await redis.send('', ['FLUSHALL']);
  const [first, second] = await Promise.all([
    checkInstallation(redis, keys, installation),
    checkInstallation(redis, keys, installation),
  ]);
  expect(first).toMatchObject({ kind: 'lost', installation: { losses: 1 } });
  expect(second).toEqual(first);
  expect(await checkInstallation(redis, keys, first.installation)).toMatchObject({ kind: 'same' });
});

test('a crash of Redis is no loss', async () => {
  const { installation } = await checkInstallation(redis, keys, undefined);
  await server.kill();
  await server.start();
  const again = await server.connect();
  expect(await checkInstallation(again, keys, installation)).toMatchObject({ kind: 'same' });
});

test('a marker that cannot be read is a marker all the same', async () => {
  await redis.send('', ['SET', keys.installation, 'by hand']);
  const { installation } = await checkInstallation(redis, keys, undefined);
  expect(await checkInstallation(redis, keys, installation)).toEqual({ kind: 'same', installation });
});
