import { createRedisClock } from '../src/redisClock.js';

test('tells the time that Redis told, and goes on from there by itself', async () => {
  const clock = createRedisClock({ time: () => Promise.resolve(1_000_000) });
  await clock.synchronize();
  const told = clock.now();
  expect(told - 1_000_000).toBeLessThan(1_000);
  const startedAt = clock.monotonic();
  while (clock.monotonic() - startedAt < 5);
  expect(clock.now() - told).toBeGreaterThanOrEqual(4);
});

test('follows Redis when it looks again, and does not mind the clock of the machine', async () => {
  let time = 1_000_000;
  const clock = createRedisClock({ time: () => Promise.resolve(time) });
  jest.spyOn(Date, 'now').mockReturnValue(5);
  await clock.synchronize();
  time = 9_000_000;
  await clock.synchronize();
  expect(Math.abs(clock.now() - 9_000_000)).toBeLessThan(1_000);
  jest.restoreAllMocks();
});
