/**
 * Starting and stopping. What was started last is stopped first, all of it, even if one stop throws. The first SIGTERM or
 * SIGINT drains and exits 0; a second one exits at once. An unknown error ends the process: the supervisor starts it anew.
 */
import type { Logger } from './logger.js';

export interface Lifecycle {
  /** Registers what has just been started; `stop` must be safe to call once. */
  onStop(name: string, stop: () => Promise<void> | void): void;
  /** True from the moment a stop was asked for: readiness answers no. */
  isStopping(): boolean;
  /** Stops everything, last in first out; a second call returns the same promise. */
  stop(reason: string): Promise<void>;
}

export function createLifecycle(logger: Logger): Lifecycle {
  const stack: { name: string; stop: () => Promise<void> | void }[] = [];
  let stopping: Promise<void> | undefined;
  return {
    onStop: (name, stop) => void stack.push({ name, stop }),
    isStopping: () => stopping !== undefined,
    stop: (reason) => (stopping ??= stopAll(stack, reason, logger)),
  };
}

async function stopAll(
  stack: { name: string; stop: () => Promise<void> | void }[],
  reason: string,
  logger: Logger,
): Promise<void> {
  logger.info('service.stopping', { reason });
  await Promise.resolve(); // lets `isStopping` turn true before the first stop runs
  for (const { name, stop } of stack.reverse()) {
    try {
      await stop();
    } catch (error) {
      logger.error('service.stop_failed', { component: name, error });
    }
  }
  logger.info('service.stopped', { reason });
}

/** For main.ts: ties the process's signals and unknown errors to the lifecycle. */
export function runUntilSignal(lifecycle: Lifecycle, logger: Logger): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (lifecycle.isStopping()) process.exit(1);
      void lifecycle.stop(signal).then(() => flushAndExit(0));
    });
  }
  const die = (error: unknown) => {
    logger.error('service.crashed', { error });
    flushAndExit(70); // EX_SOFTWARE of sysexits.h
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
}

/** Ends the process once stdout has taken what was logged, in this turn of the event loop too (logger.ts). */
function flushAndExit(code: number): void {
  process.exitCode = code;
  setImmediate(() => process.stdout.write('', () => process.exit(code)));
}
