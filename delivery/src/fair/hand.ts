/**
 * What this worker has in hand: every postback that it has read and that has not been moved yet. Of those that wait for their turn
 * each lane may hold about as many as there are slots, so memory stays small whatever is queued, and a lane that is stuck does not
 * keep the other from being read. Twice as many while most slots are free: then who waits does so for a destination that has not
 * answered yet, and those behind it are looked for. What is on its way out, to be parked, is limited for itself: reading goes on meanwhile.
 */
import type { Lane } from './turns.js';

export interface Errand {
  readonly lane: Lane;
  /** Its attempt begins: it waits no longer. */
  begin(): void;
  /** It is being put elsewhere without an attempt. */
  leave(): void;
}

export interface Hand {
  /** Resolves with how many entries the lane may read now, as soon as it is at least 1; 0 once closed. */
  room(lane: Lane): Promise<number>;
  /** Has the task in hand until it ends; it must not throw. */
  run(lane: Lane, task: (errand: Errand) => Promise<void>): void;
  /** All that is in hand. */
  busy(): number;
  /** Gives out no more room: those that wait for some get 0. */
  close(): void;
  /** Resolves when nothing is in hand. */
  whenIdle(): Promise<void>;
}

type Stage = 'waiting' | 'begun' | 'leaving';

/** Few slots read ahead so many all the same. */
const LEAST_AHEAD = 8;
/** Several batches of the parker. */
const LEAVING_LIMIT = 1_000;

/** `attempts`: how many are under way. */
export function createHand(capacity: number, attempts: () => number): Hand {
  const ahead = Math.max(capacity, LEAST_AHEAD);
  const waiting: Record<Lane, number> = { first: 0, retry: 0 };
  let leaving = 0;
  let busy = 0;
  let closed = false;
  let readers: { lane: Lane; resolve: (room: number) => void }[] = [];
  let idleWaiters: (() => void)[] = [];

  const limit = () => (2 * attempts() < capacity ? 2 * ahead : ahead);
  const roomOf = (lane: Lane) => Math.min(limit() - waiting[lane], LEAVING_LIMIT - leaving);

  function count(lane: Lane, stage: Stage | 'gone', by: number): void {
    if (stage === 'waiting') waiting[lane] += by;
    if (stage === 'leaving') leaving += by;
  }

  function tell(): void {
    if (readers.length > 0) {
      const asking = readers;
      readers = [];
      for (const reader of asking) {
        const room = roomOf(reader.lane);
        if (room > 0) reader.resolve(room);
        else readers.push(reader);
      }
    }
    if (busy > 0 || idleWaiters.length === 0) return;
    for (const resolve of idleWaiters) resolve();
    idleWaiters = [];
  }

  return {
    room: (lane) => {
      if (closed) return Promise.resolve(0);
      const room = roomOf(lane);
      return room > 0 ? Promise.resolve(room) : new Promise((resolve) => readers.push({ lane, resolve }));
    },
    run: (lane, task) => {
      let stage: Stage | 'gone' = 'waiting';
      const enter = (next: Stage | 'gone') => {
        count(lane, stage, -1);
        stage = next;
        count(lane, stage, 1);
        tell();
      };
      busy++;
      waiting[lane]++;
      void task({ lane, begin: () => enter('begun'), leave: () => enter('leaving') }).finally(() => {
        busy--;
        enter('gone');
      });
    },
    busy: () => busy,
    close: () => {
      closed = true;
      for (const { resolve } of readers.splice(0)) resolve(0);
    },
    whenIdle: () => (busy === 0 ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve))),
  };
}
