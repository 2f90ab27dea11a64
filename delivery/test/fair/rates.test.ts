import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import type { RedisConnection } from '@postback/core/redis';
import { parseDeliveryConfig } from '../../src/config.js';
import { createHouse, type House } from './testHouse.js';

let server: TestRedis;
let redis: RedisConnection;
let house: House;

beforeAll(async () => {
  server = await startTestRedis();
  redis = await server.connect();
});
afterAll(() => server.stop());
beforeEach(() => (house = createHouse(server, redis, 'rates')));
afterEach(() => house.close());

test('two workers together keep to the rate, all arrives, and another destination has no limit', async () => {
  const times: number[] = [];
  const limited = await house.startEndpoint((_received, response) => {
    times.push(performance.now());
    response.end();
  });
  const free = await house.startEndpoint();
  const env = { DESTINATION_RATES: `${new URL(limited.origin).host}=100` };
  await house.startWorker(env);
  await house.startWorker(env);
  const startedAt = performance.now();
  await house.enqueue(limited.origin, 400);
  await house.enqueue(free.origin, 400);
  await house.settled(60_000);
  expect(free.received).toHaveLength(400);
  expect(limited.received).toHaveLength(400);
  const BURST = 10;
  times.forEach((at, index) => {
    // Being late is the machine's; being early would be ours.
    expect(at - startedAt).toBeGreaterThan(10 * (index + 1 - BURST) - 50);
  });
  expect(house.parks()).toBeLessThanOrEqual(2 * 400);
}, 120_000);

test('rates are read from the settings, and what is none is refused by name', () => {
  const config = parseDeliveryConfig({ DESTINATION_RATE: '5', DESTINATION_RATES: 'a.example=1, b.example:81=2' });
  expect(config.DESTINATION_RATE).toBe(5);
  expect(config.DESTINATION_RATES).toEqual([
    ['a.example', 1],
    ['b.example:81', 2],
  ]);
  expect(() => parseDeliveryConfig({ DESTINATION_RATES: 'a.example=fast' })).toThrow(/DESTINATION_RATES.*host=rate/);
});
