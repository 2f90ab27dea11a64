/** Asks before many letters are redriven or purged, with how many they are; and does it. */
import { useEffect, useState } from 'preact/hooks';
import { asFault, type Fault } from '../api/fault.js';
import { request } from '../api/request.js';
import { formatCount } from '../format/numbers.js';
import { Dialog } from '../parts/Dialog.js';
import { ProblemNote } from '../parts/ProblemNote.js';
import { countLetters, type LetterCount } from './countLetters.js';
import { choiceOf, describeFilter, type DeadFilter } from './filter.js';
import { emptyReplacement, readReplacement } from './replacement.js';
import { ReplacementFields } from './ReplacementFields.js';

interface AskManyProps {
  readonly action: 'redrive' | 'purge';
  readonly filter: DeadFilter;
  readonly close: () => void;
  readonly changed: () => void;
}

export function AskMany({ action, filter, close, changed }: AskManyProps) {
  const [found, setFound] = useState<LetterCount>();
  const [fault, setFault] = useState<Fault>();
  const [perSecond, setPerSecond] = useState('100');
  const [replacement, setReplacement] = useState(emptyReplacement);
  const [purged, setPurged] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    countLetters(filter, abort.signal).then(setFound, (error: unknown) => {
      if (!abort.signal.aborted) setFault(asFault(error));
    });
    return () => abort.abort();
  }, []);
  const act = async () => {
    if (action === 'purge') await purgeAll(filter, setPurged);
    else {
      const body = { ...choiceOf(filter), ...readReplacement(replacement), perSecond: Number(perSecond) };
      await request('api/redrive', { method: 'POST', body });
    }
    changed();
  };
  const count = found ? `${found.isComplete ? '' : 'more than '}${formatCount(found.count)}` : undefined;
  const verb = action === 'redrive' ? 'Redrive' : 'Purge';
  return (
    <Dialog
      title={`${verb} these?`}
      verb={count ? `${verb} ${count}` : verb}
      isDanger={action === 'purge'}
      act={act}
      close={close}
    >
      <p data-name="count">
        {count === undefined ? 'Counting' : <b>{count}</b>}: {describeFilter(filter)}.
      </p>
      {fault && <ProblemNote fault={fault} />}
      {action === 'purge' && <p>They are removed for good. Export them first if somebody may want them.</p>}
      {action === 'redrive' && (
        <>
          <p>They are sent again under their own ids, the oldest first; attempts and time to live begin anew.</p>
          <label class="field">
            At most so many per second
            <input
              type="number"
              min={1}
              max={1000}
              required
              value={perSecond}
              onInput={(event) => setPerSecond(event.currentTarget.value)}
            />
          </label>
          <ReplacementFields value={replacement} change={setReplacement} />
        </>
      )}
      {purged > 0 && <p role="status">{formatCount(purged)} removed so far.</p>}
    </Dialog>
  );
}

/** A step at a time, until the server says that it has seen all. */
async function purgeAll(filter: DeadFilter, progress: (purged: number) => void): Promise<void> {
  let purged = 0;
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const body = { ...choiceOf(filter), ...(cursor === undefined ? {} : { cursor }) };
    const step = await request<{ purged: number; next: string | null }>('api/purge', { method: 'POST', body });
    purged += step.purged;
    cursor = step.next;
    progress(purged);
  }
}
