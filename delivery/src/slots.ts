/**
 * How many postbacks may be under way, and which lane gets the next slot. Two lanes: first attempts and retries. Each has a
 * share that the other cannot take; all the rest goes to whoever wants it. What was read beyond the free slots (both lanes may
 * read at the same time) waits here, in order, and is started as slots come free: `capacity` is never exceeded.
 */
export type Lane = 'first' | 'retry';

export interface Slots {
  /** Resolves with how many entries the lane may read now, as soon as it is at least 1; 0 once closed. */
  room(lane: Lane): Promise<number>;
  /** Runs the task as soon as there is a slot; it must not throw. */
  run(lane: Lane, task: () => Promise<void>): void;
  /** Tasks under way or waiting. */
  busy(): number;
  /** Gives out no more room: those that wait for some get 0. */
  close(): void;
  /** Resolves when nothing is under way or waiting. */
  whenIdle(): Promise<void>;
}

/** The part of the slots that only retries may take, so that they go on under a flood of first attempts; and the reverse. */
const SHARE: Readonly<Record<Lane, number>> = { first: 1 / 2, retry: 1 / 8 };
const OTHER: Readonly<Record<Lane, Lane>> = { first: 'retry', retry: 'first' };

export function createSlots(capacity: number): Slots {
  const inUse: Record<Lane, number> = { first: 0, retry: 0 };
  const backlog: { lane: Lane; task: () => Promise<void> }[] = [];
  const waiters: { lane: Lane; resolve: (room: number) => void }[] = [];
  let idleWaiters: (() => void)[] = [];
  let running = 0;
  let closed = false;

  const busy = () => inUse.first + inUse.retry;
  const roomOf = (lane: Lane) => {
    const other = OTHER[lane];
    const reserved = capacity > 1 ? Math.max(1, Math.floor(capacity * SHARE[other])) : 0;
    return capacity - busy() - Math.max(0, reserved - inUse[other]);
  };

  function start(lane: Lane, task: () => Promise<void>): void {
    running++;
    void task().finally(() => {
      running--;
      inUse[lane]--;
      next();
    });
  }

  function next(): void {
    const queued = backlog.shift();
    if (queued) return start(queued.lane, queued.task);
    for (const waiter of waiters.splice(0)) {
      const room = roomOf(waiter.lane);
      if (room > 0) waiter.resolve(room);
      else waiters.push(waiter);
    }
    if (busy() > 0) return;
    for (const resolve of idleWaiters) resolve();
    idleWaiters = [];
  }

  return {
    room: (lane) => {
      if (closed) return Promise.resolve(0);
      const room = roomOf(lane);
      return room > 0 ? Promise.resolve(room) : new Promise((resolve) => waiters.push({ lane, resolve }));
    },
    run: (lane, task) => {
      inUse[lane]++;
      if (running < capacity) start(lane, task);
      else backlog.push({ lane, task });
    },
    busy,
    close: () => {
      closed = true;
      for (const { resolve } of waiters.splice(0)) resolve(0);
    },
    whenIdle: () => (busy() === 0 ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve))),
  };
}
