/** Attempts: the newest that are kept, by filter, and those that come while one looks on. */
import { useEffect, useState } from 'preact/hooks';
import { asFault, type Fault } from '../api/fault.js';
import { queryOf, request } from '../api/request.js';
import type { Attempt, AttemptPage } from '../api/types.js';
import { formatCount } from '../format/numbers.js';
import { Moment } from '../parts/Moment.js';
import { ProblemNote } from '../parts/ProblemNote.js';
import { usePage } from '../shell/context.js';
import { formatRoute } from '../shell/route.js';
import { useStore } from '../shell/store.js';
import { AttemptTable } from './AttemptTable.js';
import { readFilter, type AttemptFilter } from './filter.js';
import { FilterForm } from './FilterForm.js';
import { addRows, MAX_ROWS } from './rows.js';

const PAGE = 50;
/** Beyond what is shown live, older ones can be fetched. */
const MAX_OLDER = 5_000;

interface Shown {
  readonly rows: readonly Attempt[];
  readonly next: string | null | undefined;
  readonly oldest?: AttemptPage['oldest'];
  readonly fault?: Fault | undefined;
}

export function AttemptsView() {
  const page = usePage();
  const route = useStore(page.route);
  const filter = readFilter(route.filter);
  const key = queryOf(filter);
  const [shown, setShown] = useState<Shown>({ rows: [], next: undefined });
  const [isTailing, setTailing] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const read = async (cursor: string | undefined, signal?: AbortSignal) => {
    setBusy(true);
    try {
      const found = await request<AttemptPage>(`api/attempts${queryOf({ ...filter, limit: PAGE, cursor })}`, {
        signal,
      });
      const limit = cursor === undefined ? MAX_ROWS : MAX_OLDER;
      setShown((before) => ({
        rows: addRows(before.rows, found.attempts, Math.max(limit, before.rows.length)),
        oldest: found.oldest,
        // Read anew for what came meanwhile: the older ones are where they were.
        next: cursor === undefined && before.next !== undefined ? before.next : found.next,
      }));
    } catch (error) {
      if (!signal?.aborted) setShown((before) => ({ ...before, fault: asFault(error) }));
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    setShown({ rows: [], next: undefined });
    const abort = new AbortController();
    void read(undefined, abort.signal);
    return () => abort.abort();
  }, [key]);
  useEffect(() => {
    if (!isTailing) return;
    const abort = new AbortController();
    const hear = (more: readonly Attempt[]) =>
      setShown((before) => ({ ...before, rows: addRows(before.rows, more, Math.max(MAX_ROWS, before.rows.length)) }));
    const leave = page.followAttempts(queryOf({ attempts: true, ...filter }), {
      hear,
      catchUp: () => void read(undefined, abort.signal),
    });
    return () => {
      leave();
      abort.abort();
    };
  }, [key, isTailing]);
  const apply = (next: AttemptFilter) => {
    location.hash = formatRoute('attempts', { ...next });
  };
  return (
    <div class="view" data-view="attempts">
      <div class="head">
        <h1>Attempts</h1>
        <button type="button" aria-pressed={isTailing} class="tail" onClick={() => setTailing(!isTailing)}>
          {isTailing ? 'Live: hold it' : 'Held: go on'}
        </button>
      </div>
      <FilterForm key={key} filter={filter} apply={apply} />
      {shown.fault && <ProblemNote fault={shown.fault} />}
      <AttemptTable rows={shown.rows} />
      <Reach shown={shown} isBusy={isBusy} more={() => void read(shown.next ?? undefined)} />
    </div>
  );
}

interface ReachProps {
  readonly shown: Shown;
  readonly isBusy: boolean;
  readonly more: () => void;
}

/** How far back it reaches: what is shown, and whether more is kept. */
function Reach({ shown: { rows, next, oldest: reach }, isBusy, more }: ReachProps) {
  const oldest = rows.at(-1);
  return (
    <div class="reach">
      <p role="status">
        {rows.length === 0 && !isBusy && next === null && 'None is kept that fits.'}
        {oldest && (
          <>
            {formatCount(rows.length)} shown, back to <Moment at={oldest.endedAt} />
            {next === null && ': that is all that is kept'}. {reach && <Kept reach={reach} />}{' '}
            <a href="docs/finding">How long attempts are kept</a>
          </>
        )}
      </p>
      {typeof next === 'string' && (
        <button type="button" disabled={isBusy} onClick={more}>
          {isBusy ? 'Reading…' : 'Show older ones'}
        </button>
      )}
    </div>
  );
}

function Kept({ reach: { failed, delivered } }: { readonly reach: NonNullable<AttemptPage['oldest']> }) {
  return (
    <>
      {failed && (
        <>
          Failed ones are kept back to <Moment at={failed} />
          {delivered && ', '}
        </>
      )}
      {delivered && (
        <>
          {failed ? 'delivered' : 'Delivered'} ones back to <Moment at={delivered} />
        </>
      )}
      {(failed ?? delivered) && '. '}
    </>
  );
}
