/**
 * Tells everybody who listens how things are, once a second: one reading of Redis serves all of them, and nobody listening costs
 * nothing. A listener ends with its login, when it goes, or when the service stops; the client comes back by itself.
 */
import { createLoop, type Loop } from '@postback/core/loop';
import type { KeptAttempt } from '@postback/core/queue/keptAttempt';
import { fits, type AttemptFilter } from '../attempts/filter.js';
import type { OverviewReader } from '../overview/overviewReader.js';
import { showAttempt } from '../status/showStatus.js';
import type { Tail } from './tail.js';

export interface Listener {
  /** `undefined`: it does not want attempts. */
  readonly filter: AttemptFilter | undefined;
  /** Text in the format of server-sent events; one that cannot take more now is passed over. */
  send(text: string): void;
  /** Its login is over. */
  readonly isOver: () => boolean;
  end(): void;
}

export interface Feed extends Loop {
  /** Returns how to stop listening; `undefined` when there are too many already, or the service is stopping. */
  open(listener: Listener): (() => void) | undefined;
  listeners(): number;
}

interface FeedDeps {
  readonly overview: OverviewReader;
  readonly tail: Tail;
  readonly periodMs?: number;
  readonly limit?: number;
}

const PERIOD_MS = 1_000;
/** A page is one; a browser and its tabs have a few. */
const DEFAULT_LIMIT = 100;
const COMMENT_EVERY_MS = 15_000;
/** Until somebody listens. */
const IDLE_MS = 3_600_000;
const MAX_SHOWN = 100;
/** With a filter more has to be looked through, to find what fits. */
const MAX_SEARCHED = 5_000;

export function createFeed({ overview, tail, periodMs = PERIOD_MS, limit = DEFAULT_LIMIT }: FeedDeps): Feed {
  const listeners = new Set<Listener>();
  let isStopped = false;
  let silentMs = 0;

  const sendAll = (text: string) => listeners.forEach((listener) => listener.send(text));

  async function tellAttempts(): Promise<void> {
    const watching = [...listeners].filter(({ filter }) => filter);
    if (watching.length === 0) return tail.reset();
    const isFiltered = watching.some(({ filter }) => Object.values(filter ?? {}).some((value) => value !== undefined));
    const attempts = await tail.next(isFiltered ? MAX_SEARCHED : MAX_SHOWN).catch(() => []); // the overview says why
    if (attempts.length === 0) return;
    for (const listener of watching) {
      const shown = listener.filter ? fittingOf(attempts, listener.filter).map(showAttempt) : [];
      if (shown.length > 0) listener.send(eventOf('attempts', shown));
    }
  }

  function sayAlive(): void {
    silentMs += periodMs;
    if (silentMs < COMMENT_EVERY_MS) return;
    silentMs = 0;
    sendAll(': still here\n\n');
  }

  const loop = createLoop(async () => {
    for (const listener of listeners) if (listener.isOver()) listener.end();
    if (listeners.size === 0) {
      tail.reset();
      return IDLE_MS;
    }
    const startedAt = performance.now();
    sendAll(eventOf('overview', await overview()));
    await tellAttempts();
    sayAlive();
    return Math.max(periodMs / 10, periodMs - (performance.now() - startedAt));
  });

  return {
    ...loop,
    open: (listener) => {
      if (isStopped || listeners.size >= limit) return undefined;
      listeners.add(listener);
      loop.wake();
      return () => void listeners.delete(listener);
    },
    listeners: () => listeners.size,
    stop: async () => {
      isStopped = true;
      for (const listener of listeners) listener.end();
      listeners.clear();
      await loop.stop();
    },
  };
}

function fittingOf(attempts: readonly KeptAttempt[], filter: AttemptFilter): KeptAttempt[] {
  const found: KeptAttempt[] = [];
  for (const attempt of attempts) {
    if (fits(attempt, filter)) found.push(attempt);
    if (found.length === MAX_SHOWN) break;
  }
  return found;
}

function eventOf(name: string, value: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
}
