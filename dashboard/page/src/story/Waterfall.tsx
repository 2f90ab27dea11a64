/** An attempt's time as a bar of its phases, on a scale that all attempts of the postback share. */
import type { KnownAttempt } from '../api/types.js';
import { formatMs } from '../format/numbers.js';
import { piecesOf } from './phases.js';

const WIDTH = 1_000;

export function Waterfall({ attempt, scaleMs }: { readonly attempt: KnownAttempt; readonly scaleMs: number }) {
  const pieces = piecesOf(attempt);
  const toWidth = (ms: number) => (WIDTH * ms) / Math.max(scaleMs, 0.001);
  const words = pieces.map(({ name, ms }) => `${name} ${formatMs(ms)}`).join(', ');
  return (
    <div class="waterfall">
      <svg viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none" role="img" aria-label={words}>
        {pieces.map(({ name, startMs, ms }) => (
          <rect
            key={name}
            x={toWidth(startMs)}
            width={Math.max(2, toWidth(ms))}
            y="0"
            height="10"
            class={name.split(' ')[0]}
          />
        ))}
      </svg>
      <p>
        {pieces.map(({ name, ms }) => (
          <span key={name} class={`key ${name.split(' ')[0]}`}>
            {name} {formatMs(ms)}
          </span>
        ))}
        {attempt.queueWaitMs !== undefined && <span>queued {formatMs(attempt.queueWaitMs)} before</span>}
      </p>
    </div>
  );
}
