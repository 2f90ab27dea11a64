/** One attempt: when, what came back, where its time went. What the third party answered is shown as text, whatever it is. */
import type { KnownAttempt } from '../api/types.js';
import { formatMs } from '../format/numbers.js';
import { Chip } from '../parts/Chip.js';
import { Moment } from '../parts/Moment.js';
import { Waterfall } from './Waterfall.js';

interface AttemptStoryProps {
  readonly attempt: KnownAttempt;
  readonly number: number;
  readonly scaleMs: number;
}

export function AttemptStory({ attempt, number, scaleMs }: AttemptStoryProps) {
  const { endedAt, outcome, code, error, deadReason, responseTimeMs, responseBody, responseTruncated, method, url } =
    attempt;
  return (
    <article class="card attempt" aria-label={`Attempt ${number}`}>
      <h3>
        <span>
          {number}
          {attempt.maxAttempts !== undefined && <small> of {attempt.maxAttempts}</small>}
        </span>
        {outcome && <Chip word={outcome} title={deadReason} />}
        <b class="code">{code}</b>
        <span class="soft">
          <Moment at={endedAt} />, {formatMs(responseTimeMs)}
        </span>
      </h3>
      {url !== undefined && (
        <p class="mono url">
          <b>{method}</b> {url}
        </p>
      )}
      {error && <p class="off">{error}</p>}
      <Waterfall attempt={attempt} scaleMs={scaleMs} />
      {responseBody !== undefined && responseBody !== '' && (
        <details open={outcome !== 'delivered'}>
          <summary>Answer{responseTruncated && ', its beginning'}</summary>
          <pre>{responseBody}</pre>
        </details>
      )}
      {outcome === undefined && <p class="empty">More is not kept of this attempt.</p>}
    </article>
  );
}
