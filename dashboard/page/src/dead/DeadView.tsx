/** Dead letters: what will not be tried again, why, and sending it once more. */
import { useEffect, useState } from 'preact/hooks';
import { asFault, type Fault } from '../api/fault.js';
import { queryOf, request } from '../api/request.js';
import type { Letter, LetterPage } from '../api/types.js';
import { formatCount } from '../format/numbers.js';
import { ActionButton } from '../parts/ActionButton.js';
import { ProblemNote } from '../parts/ProblemNote.js';
import { usePage } from '../shell/context.js';
import { formatRoute } from '../shell/route.js';
import { useStore } from '../shell/store.js';
import { AskPostback } from '../story/StoryActions.js';
import { AskMany } from './AskMany.js';
import { DeadFilterForm } from './DeadFilterForm.js';
import { describeFilter, readFilter } from './filter.js';
import { Jobs } from './Jobs.js';
import { LetterTable, type AskLetter } from './LetterTable.js';

const PAGE = 50;

interface Shown {
  readonly letters: readonly Letter[];
  readonly next: string | null | undefined;
  readonly fault?: Fault;
}

export function DeadView() {
  const page = usePage();
  const route = useStore(page.route);
  const filter = readFilter(route.filter);
  const key = queryOf(filter);
  const dead = useStore(page.overview)?.books?.dead;
  const [shown, setShown] = useState<Shown>({ letters: [], next: undefined });
  const [many, setMany] = useState<'redrive' | 'purge'>();
  const [one, setOne] = useState<AskLetter>();
  const [round, setRound] = useState(0);
  const read = async (before: readonly Letter[], cursor: string | undefined, signal?: AbortSignal) => {
    try {
      const found = await request<LetterPage>(`api/dead${queryOf({ ...filter, limit: PAGE, cursor })}`, { signal });
      setShown({ letters: [...before, ...found.letters], next: found.next });
    } catch (error) {
      if (!signal?.aborted) setShown({ letters: before, next: undefined, fault: asFault(error) });
    }
  };
  useEffect(() => {
    const abort = new AbortController();
    void read([], undefined, abort.signal);
    return () => abort.abort();
    // The number of dead ones changes when some die or are redriven: then what is shown is old.
  }, [key, round, shown.letters.length > PAGE ? undefined : dead]);
  const again = () => setRound((before) => before + 1);
  return (
    <div class="view" data-view="dead">
      <div class="head">
        <h1>Dead letters</h1>
        <div class="actions">
          <a class="button" href={`api/dead/export${queryOf(filter)}`} download="dead-letters.jsonl">
            Export
          </a>
          <ActionButton onClick={() => setMany('purge')}>Purge these…</ActionButton>
          <ActionButton kind="main" onClick={() => setMany('redrive')}>
            Redrive these…
          </ActionButton>
        </div>
      </div>
      <DeadFilterForm key={key} filter={filter} apply={(next) => (location.hash = formatRoute('dead', { ...next }))} />
      <Jobs />
      {shown.fault && <ProblemNote fault={shown.fault} />}
      <LetterTable letters={shown.letters} ask={setOne} />
      <div class="reach">
        <p role="status">
          {shown.letters.length === 0 &&
            shown.next === null &&
            `There are no ${describeFilter(filter).replace(/^all /, '')}.`}
          {shown.letters.length > 0 &&
            `${formatCount(shown.letters.length)} shown${shown.next === null ? ', that is all' : ''}.`}{' '}
          <a href="docs/dead-letters">What each reason means, and what to do</a>
        </p>
        {typeof shown.next === 'string' && (
          <button type="button" onClick={() => void read(shown.letters, shown.next ?? undefined)}>
            Show older ones
          </button>
        )}
      </div>
      {many && <AskMany action={many} filter={filter} close={() => setMany(undefined)} changed={again} />}
      {one && <AskPostback {...one} close={() => setOne(undefined)} changed={again} />}
    </div>
  );
}
