/** A progress bar, posting first and then draining; only on a terminal, where it can redraw its line. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** Starts a phase; `total` null when it is not known beforehand. */
  phase(name: string, total: number | null): void;
  update(done: number): void;
  stop(): void;
}

export const noProgress: Progress = { phase: () => {}, update: () => {}, stop: () => {} };

export function createProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return noProgress;
  let bar: SingleBar | undefined;
  return {
    phase(name, total) {
      bar?.stop();
      const counts = total === null ? '{value}' : '{bar} {percentage}% {value}/{total}';
      bar = new SingleBar(
        { stream, format: `${name.padEnd(9)} ${counts}`, barsize: 40, hideCursor: true },
        Presets.shades_classic,
      );
      bar.start(total ?? 0, 0);
    },
    update: (done) => bar?.update(done),
    stop: () => bar?.stop(),
  };
}
