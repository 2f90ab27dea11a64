import { parseFigures, readFigures, readSettings } from '@postback/core/queue/redisState';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis(['--appendfsync', 'always', '--maxmemory', '64mb']);
});
afterAll(() => server.stop());

test('settings and figures are those of the running Redis', async () => {
  const redis = await server.connect();
  expect(await readSettings(redis)).toEqual({
    appendonly: 'yes',
    appendfsync: 'always',
    maxmemoryPolicy: 'noeviction',
    maxmemoryBytes: 64 * 1024 * 1024,
  });
  const figures = await readFigures(redis);
  expect(figures).toMatchObject({ isLoading: false, isAofOn: true, isLastWriteOk: true, isLastRewriteOk: true });
  expect(figures.maxmemoryBytes).toBe(64 * 1024 * 1024);
  expect(figures.usedMemoryBytes).toBeGreaterThan(100_000);
  expect(figures.systemMemoryBytes).toBeGreaterThan(figures.maxmemoryBytes);
});

test('a failed write and a loading Redis are read from INFO', () => {
  const text = 'loading:1\r\naof_last_write_status:err\r\naof_last_bgrewrite_status:err\r\nused_memory:7\r\n';
  expect(parseFigures(text)).toMatchObject({ isLoading: true, isLastWriteOk: false, isLastRewriteOk: false });
  expect(parseFigures(text)).toMatchObject({ usedMemoryBytes: 7, maxmemoryBytes: 0 });
});
