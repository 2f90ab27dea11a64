/** A loop that runs one unit of work after another until it is stopped; the rhythm is here, the work is the caller's. */
export interface Loop {
  start(): void;
  /** Cuts the present wait short: the next round starts at once. */
  wake(): void;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
}

/** @param round does one unit of work and returns how long to wait before the next, in ms; it must not throw */
export function createLoop(round: () => Promise<number>): Loop {
  let stopped = false;
  /** Woken during a round: the pause after it is skipped. */
  let woken = false;
  let cutShort: (() => void) | undefined;
  let running: Promise<void> | undefined;

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        cutShort = undefined;
        resolve();
      };
      const timer = setTimeout(end, woken ? 0 : ms);
      woken = false;
      cutShort = end;
    });
  const run = async () => {
    while (!stopped) {
      const waitMs = await round();
      if (!stopped && waitMs > 0) await pause(waitMs);
    }
  };
  return {
    start: () => void (running ??= run()),
    wake: () => {
      if (cutShort) cutShort();
      else woken = true;
    },
    stop: async () => {
      stopped = true;
      cutShort?.();
      await running;
    },
  };
}
