import { createSlots, type Lane, type Slots } from '../src/slots.js';

/** A task that ends when told to. */
function occupy(slots: Slots, lane: Lane): () => Promise<void> {
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (end = resolve));
  slots.run(lane, () => done);
  return async () => {
    end();
    await done;
    await new Promise((resolve) => setImmediate(resolve));
  };
}

test('an idle other lane leaves its share but the reserve', async () => {
  const slots = createSlots(16);
  expect(await slots.room('first')).toBe(14); // retries keep 1/8
  expect(await slots.room('retry')).toBe(8); // first attempts keep 1/2
});

test('what a lane uses itself is not reserved on top', async () => {
  const slots = createSlots(16);
  occupy(slots, 'retry');
  occupy(slots, 'retry');
  expect(await slots.room('first')).toBe(14);
});

test('room is given when a slot comes free, not before', async () => {
  const slots = createSlots(2);
  const end = occupy(slots, 'first');
  let room: number | undefined;
  void slots.room('first').then((found) => (room = found));
  await new Promise((resolve) => setImmediate(resolve));
  expect(room).toBeUndefined();
  await end();
  expect(room).toBe(1);
});

test('what was read beyond the slots waits in order and never runs beyond the capacity', async () => {
  const slots = createSlots(2);
  const started: number[] = [];
  const ends: (() => void)[] = [];
  for (let n = 0; n < 4; n++) {
    slots.run('first', () => {
      started.push(n);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  }
  expect(started).toEqual([0, 1]);
  ends[0]?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(started).toEqual([0, 1, 2]);
  expect(slots.busy()).toBe(3);
});

test('whenIdle resolves once everything has ended', async () => {
  const slots = createSlots(2);
  const end = occupy(slots, 'first');
  let isIdle = false;
  void slots.whenIdle().then(() => (isIdle = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isIdle).toBe(false);
  await end();
  expect(isIdle).toBe(true);
});

test('closed slots give no more room, and those that wait learn it', async () => {
  const slots = createSlots(1);
  occupy(slots, 'first');
  const waiting = slots.room('first');
  slots.close();
  expect(await waiting).toBe(0);
  expect(await slots.room('retry')).toBe(0);
});

test('a single slot serves both lanes', async () => {
  const slots = createSlots(1);
  expect(await slots.room('first')).toBe(1);
  expect(await slots.room('retry')).toBe(1);
});
