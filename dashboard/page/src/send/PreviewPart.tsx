/** What would be sent, and when it would be tried again. */
import type { Preview, PreviewHeader } from '../api/types.js';
import { formatCount, formatSeconds } from '../format/numbers.js';

const SHOWN = 5;

export function PreviewPart({ preview }: { readonly preview: Preview }) {
  const { postbacks, warnings, omitted } = preview;
  const more = postbacks.length + omitted - Math.min(SHOWN, postbacks.length);
  return (
    <div data-name="preview">
      {warnings.length > 0 && (
        <div class="banner warn">
          <strong>Probably not meant</strong>
          <ul>
            {warnings.map(({ pointer, detail }, index) => (
              <li key={index}>
                <code>{pointer}</code> {detail}
              </li>
            ))}
          </ul>
        </div>
      )}
      {postbacks.slice(0, SHOWN).map((postback, index) => (
        <div class="card part" key={index}>
          <h3>
            Postback {index + 1}
            {postback.reference !== undefined && <small> {postback.reference}</small>}
          </h3>
          <pre>{textOf(postback)}</pre>
        </div>
      ))}
      {more > 0 && <p class="soft">{formatCount(more)} more are in order and not shown.</p>}
      <Timetable timetable={preview.timetable} />
    </div>
  );
}

function textOf({ method, url, headers, body }: Preview['postbacks'][number]): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${wordsOf(value)}`);
  return [`${method} ${url}`, ...lines, ...(body === null ? [] : ['', body])].join('\n');
}

function wordsOf(header: PreviewHeader): string {
  if (typeof header === 'string') return header;
  return 'secret' in header ? `(the secret ${header.secret})` : `(${header.computed})`;
}

function Timetable({ timetable }: Pick<Preview, 'timetable'>) {
  const { attempts, timeoutSeconds, ttlSeconds } = timetable;
  const times = attempts.slice(1).map(({ earliestSeconds, latestSeconds }) => {
    return `${formatSeconds(earliestSeconds)} to ${formatSeconds(latestSeconds)}`;
  });
  return (
    <div class="card part">
      <h3>If it fails</h3>
      <p>
        Up to {attempts.length} attempts of at most {formatSeconds(timeoutSeconds)} each, none begun later than{' '}
        {formatSeconds(ttlSeconds)} after the first was due.
      </p>
      {times.length > 0 && <p class="soft">The next ones after {times.join(', ')}.</p>}
    </div>
  );
}
