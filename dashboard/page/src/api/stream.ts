/**
 * The stream of events: one connection for the whole page, since a browser opens only six to a host. It says within SILENCE_MS when
 * nothing comes any more, and opens the connection anew until something does. What is heard is handed on; nothing is kept.
 */
import type { Attempt, Overview } from './types.js';

export interface StreamListener {
  readonly onOverview: (overview: Overview) => void;
  readonly onAttempts: (attempts: readonly Attempt[]) => void;
  /** From here on no attempt is missed; what came before has to be asked for. */
  readonly onSteady: () => void;
  /** `false`: nothing has come for SILENCE_MS, or the connection broke. */
  readonly onLink: (isLive: boolean) => void;
  /** The server would not open a stream: perhaps the login has ended. */
  readonly onRefused: () => void;
}

export interface Stream {
  /** What to listen to from now on: a query of /api/events. */
  listenTo(query: string): void;
  stop(): void;
}

/** An overview comes every second. */
const SILENCE_MS = 2_500;
const LOOK_EVERY_MS = 250;
const OPEN_AGAIN_MS = 1_000;

export function startStream(listener: StreamListener): Stream {
  let query = '';
  let source: EventSource | undefined;
  let heardAt = performance.now();
  let openedAt = 0;
  let isLive = true;

  const setLive = (now: boolean) => {
    if (now === isLive) return;
    isLive = now;
    listener.onLink(now);
  };
  const heard = () => {
    heardAt = performance.now();
    setLive(true);
  };
  const open = () => {
    let overviews = 0;
    source?.close();
    openedAt = performance.now();
    source = new EventSource(`api/events${query}`);
    source.addEventListener('overview', (event: MessageEvent<string>) => {
      heard();
      listener.onOverview(JSON.parse(event.data) as Overview);
      // After the first one the server notes how far the attempts are, and tells those that come later.
      if (++overviews === 2) listener.onSteady();
    });
    source.addEventListener('attempts', (event: MessageEvent<string>) => {
      heard();
      listener.onAttempts(JSON.parse(event.data) as Attempt[]);
    });
  };
  const look = () => {
    const now = performance.now();
    const isSilent = now - heardAt > SILENCE_MS;
    if (isSilent) setLive(false);
    const isRefused = source?.readyState === EventSource.CLOSED;
    if (isRefused) setLive(false);
    if (now - openedAt < (isRefused ? OPEN_AGAIN_MS : SILENCE_MS) || !(isSilent || isRefused)) return;
    if (isRefused) listener.onRefused();
    open();
  };
  open();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    listenTo: (next) => {
      if (next === query) return;
      query = next;
      open();
    },
    stop: () => {
      clearInterval(timer);
      source?.close();
    },
  };
}
