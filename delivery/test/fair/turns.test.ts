/** Whose turn it is, judged with a clock of our own: no time passes but what the test lets pass. */
import type { Ending } from '../../src/fair/flow.js';
import { createTurns, type Lane, type Turns } from '../../src/fair/turns.js';

interface Attempt {
  readonly destination: string;
  readonly lane: Lane;
  end(ending?: Ending): Promise<void>;
}

let now: number;
let turns: Turns;
let underWay: Attempt[];
let givenUp: string[];

beforeEach(() => {
  now = 0;
  underWay = [];
  givenUp = [];
});

function open(capacity: number): void {
  turns = createTurns({ capacity, maxWaitMs: 1_000, now: () => now });
}

function add(destination: string, count = 1, lane: Lane = 'first'): void {
  for (let n = 0; n < count; n++) {
    turns.add({
      destination,
      lane,
      giveUp: () => givenUp.push(destination),
      start: (report) =>
        new Promise((resolve) => {
          const attempt: Attempt = {
            destination,
            lane,
            end: async (ending) => {
              underWay.splice(underWay.indexOf(attempt), 1);
              report(ending);
              resolve();
              await new Promise((done) => setImmediate(done));
            },
          };
          underWay.push(attempt);
        }),
    });
  }
}

const held = (destination: string) => underWay.filter((attempt) => attempt.destination === destination).length;
const QUICK: Ending = { tookMs: 5, isFailure: false };
const TIMEOUT: Ending = { tookMs: 10_000, isFailure: true };
const first = (destination: string) => underWay.find((attempt) => attempt.destination === destination) as Attempt;
/** Answers the destination so often, keeping it supplied. */
async function answer(destination: string, times: number, ending = QUICK): Promise<void> {
  for (let n = 0; n < times; n++) await first(destination).end(ending);
}
function pass(ms: number): void {
  for (let passed = 0; passed < ms; passed += 50) {
    now += 50;
    turns.look();
  }
}

test('one destination alone reaches all slots but the reserve of the other lane, within as many answers', async () => {
  open(64);
  add('a', 64);
  expect(held('a')).toBe(4);
  for (let n = 0; n < 60; n++) {
    await answer('a', 1);
    add('a', 1);
  }
  expect(held('a')).toBe(56);
  expect(givenUp).toEqual([]);
});

test('slots that come free go round among the destinations that wait', async () => {
  open(8);
  add('a', 30);
  await answer('a', 20);
  add('a', 8);
  add('b', 3);
  add('c', 3);
  for (let n = 0; n < 3; n++) await answer('a', 1);
  expect(held('b')).toBeGreaterThanOrEqual(1);
  expect(held('c')).toBeGreaterThanOrEqual(1);
});

test('a newcomer finds a slot in a full house at once', async () => {
  open(8);
  add('a', 40);
  await answer('a', 20);
  add('a', 8);
  expect(held('a')).toBe(7);
  add('newcomer');
  expect(held('newcomer')).toBe(1);
});

test('who hangs from the start holds four slots, and what would wait behind it is given up, the last ones first', () => {
  open(64);
  add('hanging', 60);
  expect(held('hanging')).toBe(4);
  expect(givenUp).toEqual([]);
  pass(500);
  expect(givenUp.length).toBeGreaterThan(40);
  add('hanging', 100);
  expect(held('hanging')).toBe(4);
  expect(givenUp.length).toBeGreaterThan(140);
});

test('who worked and then hangs holds no more than it needed before, and the rest stays free', async () => {
  open(64);
  for (let n = 0; n < 100; n++) {
    add('a', 2);
    await answer('a', 2);
  }
  add('a', 60);
  pass(2_000);
  expect(held('a')).toBeLessThanOrEqual(4);
  expect(givenUp.length).toBeGreaterThanOrEqual(56);
});

test('thirty destinations that hang cannot take the house', () => {
  open(64);
  for (let n = 0; n < 30; n++) add(`hanging${n}`, 4);
  expect(underWay.length).toBeLessThanOrEqual(56);
  add('healthy', 8);
  expect(held('healthy')).toBeGreaterThanOrEqual(1);
  pass(1_500);
  expect(underWay.length - held('healthy')).toBeLessThanOrEqual(56);
});

test('timeouts halve the window once for those that began together, and quick answers bring it back', async () => {
  open(64);
  add('a', 60);
  await answer('a', 16);
  const before = held('a');
  pass(400);
  now += 10_000;
  await answer('a', 1, TIMEOUT);
  await answer('a', 1, TIMEOUT);
  expect(held('a')).toBeGreaterThan(before / 2 - 2);
});

test('nothing waits in memory longer than a second', async () => {
  open(2);
  add('a', 1);
  add('a', 4);
  await answer('a', 1);
  pass(1_100);
  expect(givenUp.length).toBe(4 - 1 - held('a') + 1);
});

test('retries do not take the first attempts’ share, nor the reverse', async () => {
  open(16);
  add('a', 60, 'retry');
  for (let n = 0; n < 40; n++) await answer('a', 1);
  add('a', 60, 'retry');
  expect(held('a')).toBe(12);
  add('b', 4, 'first');
  expect(held('b')).toBe(4);
});

test('what waits for a destination that is closed is given up', () => {
  open(8);
  add('a', 10);
  turns.clear('a');
  expect(givenUp.length).toBe(6);
  expect(held('a')).toBe(4);
  turns.clear();
  expect(givenUp.length).toBe(6);
});

test('time in which this process stood still is not held against the destination', () => {
  open(64);
  add('a', 60);
  now += 5_000;
  turns.look();
  expect(givenUp).toEqual([]);
});

test('a single slot serves both lanes', async () => {
  open(1);
  add('a', 1, 'retry');
  add('b', 1, 'first');
  add('c', 1, 'first');
  await answer('a', 1);
  expect(held('b') + held('c')).toBe(2);
});

describe('room for what is parked', () => {
  it('is the window, however long the destination takes', async () => {
    open(64);
    add('a', 4);
    await answer('a', 4, { tookMs: 500, isFailure: false });
    expect(turns.roomFor('a')).toBeGreaterThanOrEqual(4);
  });

  it('is more than the window where answers come at once: what begins until more is brought', async () => {
    open(64);
    add('a', 4);
    await answer('a', 4, { tookMs: 1, isFailure: false });
    expect(turns.roomFor('a')).toBeGreaterThan(60);
    expect(turns.roomFor('a')).toBeLessThanOrEqual(128);
  });
});
