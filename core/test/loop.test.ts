import { createLoop } from '@postback/core/loop';
import { eventually } from '@postback/core/testing/eventually';

const tick = () => new Promise((resolve) => setImmediate(resolve));

test('a woken loop starts its next round at once', async () => {
  let rounds = 0;
  const loop = createLoop(() => {
    rounds++;
    return Promise.resolve(60_000);
  });
  loop.start();
  await tick();
  expect(rounds).toBe(1);
  loop.wake();
  await eventually('the second round', () => rounds === 2);
  await tick();
  expect(rounds).toBe(2); // and only that one
  await loop.stop();
});

test('a wake-up during a round is not lost', async () => {
  let rounds = 0;
  const loop = createLoop(async () => {
    if (++rounds === 1) loop.wake();
    return Promise.resolve(60_000);
  });
  loop.start();
  await eventually('the second round', () => rounds === 2);
  await loop.stop();
});

test('stop waits for the round under way and starts no other', async () => {
  let ended = 0;
  const loop = createLoop(async () => {
    await tick();
    ended++;
    return 0;
  });
  loop.start();
  await loop.stop();
  const endedThen = ended;
  await tick();
  await tick();
  expect(ended).toBe(endedThen);
  expect(ended).toBeGreaterThan(0);
});
