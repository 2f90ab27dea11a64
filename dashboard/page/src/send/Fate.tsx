/** What becomes of the postbacks that were just accepted, as it happens. */
import { useEffect, useState } from 'preact/hooks';
import type { PostbackStatus } from '../api/types.js';
import { formatCount } from '../format/numbers.js';
import { Chip } from '../parts/Chip.js';
import { Moment } from '../parts/Moment.js';
import { formatRoute } from '../shell/route.js';
import { followPostbacks, type Found } from './followPostbacks.js';

const FOLLOWED = 10;

export function Fate({ ids }: { readonly ids: readonly string[] }) {
  const followed = ids.slice(0, FOLLOWED);
  const [found, setFound] = useState<ReadonlyMap<string, Found>>(new Map());
  useEffect(() => {
    const abort = new AbortController();
    void followPostbacks(followed, (id, news) => setFound((before) => new Map([...before, [id, news]])), abort.signal);
    return () => abort.abort();
  }, [ids]);
  return (
    <div class="card" data-name="fate">
      <h3>{formatCount(ids.length)} accepted: kept on disk, and on their way</h3>
      <ul class="fates">
        {followed.map((id) => (
          <li key={id} data-id={id}>
            <a href={formatRoute('postback', { from: 'send' }, id)}>
              <code>{id}</code>
            </a>{' '}
            <FateLine found={found.get(id)} />
          </li>
        ))}
      </ul>
      {ids.length > FOLLOWED && <p class="soft">{formatCount(ids.length - FOLLOWED)} more are not followed here.</p>}
    </div>
  );
}

function FateLine({ found }: { readonly found: Found | undefined }) {
  if (!found) return <Chip word="accepted" />;
  if (found.kind === 'fault') return <span class="off">{found.fault.detail}</span>;
  const { state, reason, detail, nextAttemptAt, attempts } = found.status;
  const last: PostbackStatus['attempts'][number] | undefined = attempts.at(-1);
  return (
    <>
      <Chip word={state} />
      {last && <b class="code"> {last.code}</b>}
      <span class="soft">
        {last && ` attempt ${last.attempt ?? attempts.length}`}
        {reason && `, ${reason}`}
        {detail && `, ${detail}`}
        {nextAttemptAt && (
          <>
            , again <Moment at={nextAttemptAt} isDistance />
          </>
        )}
      </span>
    </>
  );
}
