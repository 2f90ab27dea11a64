import { createPace, type Pace } from '../../src/fair/pace.js';

let now: number;
let active: number;
let idle: number;
let pace: Pace;

beforeEach(() => {
  [now, active, idle] = [100_000, 5_000, 9_000];
  pace = createPace({ loopTimes: () => ({ active, idle }), now: () => now });
});

/** Each batch keeps the process busy for so long, and reading it takes a millisecond; returns the share of the time that it was busy. */
function utilization(busyMs: number, batches = 200): number {
  const before = { active, idle };
  for (let n = 0; n < batches; n++) {
    const spentMs = Math.max(pace.restMs() + 1, busyMs);
    active += busyMs;
    idle += spentMs - busyMs;
    now += spentMs;
    pace.noteFirst();
  }
  return (active - before.active) / (active - before.active + idle - before.idle);
}

test('without first attempts retries are neither few nor slow', () => {
  active += 1_000;
  expect(pace.limit()).toBe(Infinity);
  expect(pace.restMs()).toBe(0);
});

test('beside first attempts they come few at a time and leave the process two thirds of its time', () => {
  pace.noteFirst();
  expect(pace.limit()).toBeLessThanOrEqual(20);
  expect(utilization(2)).toBeCloseTo(1 / 3, 1);
  expect(utilization(6)).toBeCloseTo(1 / 3, 1);
});

test('a process that is busy anyway does not starve them: 20,000 go within a minute', () => {
  pace.noteFirst();
  utilization(200, 5);
  active += 10_000;
  expect((20_000 / pace.limit()) * (pace.restMs() + 5)).toBeLessThan(60_000);
});

test('a long idle time is no credit for a burst', () => {
  pace.noteFirst();
  idle += 60_000;
  pace.restMs();
  active += 5;
  expect(pace.restMs()).toBe(10);
});

test('when no first attempt has come for long, they go on at full speed', () => {
  pace.noteFirst();
  now += 10_001;
  active += 5;
  expect(pace.limit()).toBe(Infinity);
  expect(pace.restMs()).toBe(0);
});
