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
  let woken = false;
  let cutShort: () => void = () => undefined;
  let running: Promise<void> | undefined;

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, woken ? 0 : ms);
      woken = false;
      cutShort = () => {
        clearTimeout(timer);
        resolve();
      };
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
      woken = true;
      cutShort();
    },
    stop: async () => {
      stopped = true;
      cutShort();
      await running;
    },
  };
}
