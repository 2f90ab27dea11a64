/** Send: a form for one request, what would be sent, and what became of it. */
import { useEffect, useState } from 'preact/hooks';
import { asFault, type Fault } from '../api/fault.js';
import { request } from '../api/request.js';
import type { Accepted, Preview } from '../api/types.js';
import { ActionButton } from '../parts/ActionButton.js';
import { ProblemNote } from '../parts/ProblemNote.js';
import { useWhyNot } from '../parts/useRights.js';
import { usePage } from '../shell/context.js';
import { useStore } from '../shell/store.js';
import { curlOf, requestOf, type Draft } from './draft.js';
import { Fate } from './Fate.js';
import { PreviewPart } from './PreviewPart.js';
import { RequestForm } from './RequestForm.js';

type Shown =
  | { readonly kind: 'preview'; readonly preview: Preview }
  | { readonly kind: 'sent'; readonly ids: readonly string[] }
  | { readonly kind: 'fault'; readonly fault: Fault };

export function SendView() {
  const { draft: store } = usePage();
  const draft = useStore(store);
  const [shown, setShown] = useState<Shown>();
  const [busy, setBusy] = useState<'preview' | 'post'>();
  const run = async (what: 'preview' | 'post') => {
    setBusy(what);
    try {
      const path = what === 'preview' ? 'ingest/preview' : 'ingest';
      const answer = await ask(path, draft);
      if (what === 'preview') setShown({ kind: 'preview', preview: answer as Preview });
      else setShown({ kind: 'sent', ids: (answer as Accepted).ids });
    } catch (error) {
      setShown({ kind: 'fault', fault: readable(error) });
    } finally {
      setBusy(undefined);
    }
  };
  return (
    <div class="view" data-view="send">
      <div class="head">
        <h1>Send</h1>
        <p class="soft">
          One postback for each object of the data. The macros {'{key}'} of the URL are filled in from it.
        </p>
      </div>
      <div class="send">
        <form
          class="card"
          onSubmit={(event) => {
            event.preventDefault();
            void run('preview');
          }}
        >
          <RequestForm draft={draft} change={(next) => store.set(next)} />
          <div class="buttons">
            <button type="submit" disabled={busy !== undefined}>
              {busy === 'preview' ? 'Asking…' : 'Preview'}
            </button>
            <ActionButton kind="main" isBusy={busy !== undefined} onClick={() => void run('post')}>
              {busy === 'post' ? 'Sending…' : 'Send'}
            </ActionButton>
          </div>
          <WhyNot />
        </form>
        <div class="outcome" aria-live="polite">
          {shown === undefined && <Hint draft={draft} />}
          {shown?.kind === 'fault' && <ProblemNote fault={shown.fault} />}
          {shown?.kind === 'preview' && <PreviewPart preview={shown.preview} />}
          {shown?.kind === 'sent' && <Fate key={shown.ids[0]} ids={shown.ids} />}
        </div>
      </div>
    </div>
  );
}

function WhyNot() {
  const whyNot = useWhyNot();
  return whyNot ? <p class="soft">{whyNot} A preview is still possible.</p> : null;
}

/** The key is presented to ingest alone, and only kept while the page is open. */
function ask(path: string, draft: Draft): Promise<unknown> {
  const headers: Record<string, string> = draft.apiKey === '' ? {} : { Authorization: `Bearer ${draft.apiKey}` };
  return request(path, { method: 'POST', body: requestOf(draft), headers });
}

function readable(error: unknown): Fault {
  if (error instanceof Error && error.message.startsWith('expected "Name: value"'))
    return { status: 0, title: 'A header cannot be read', detail: error.message, errors: [] };
  return asFault(error);
}

function Hint({ draft }: { readonly draft: Draft }) {
  const [curl, setCurl] = useState('');
  useEffect(() => {
    try {
      setCurl(draft.url === '' ? '' : curlOf(draft, location.origin));
    } catch {
      setCurl('');
    }
  }, [draft]);
  return (
    <div class="card">
      <h3>Nothing is sent yet</h3>
      <p>Preview shows what would be sent, and queues nothing. Send queues it, and shows here what becomes of it.</p>
      {curl && (
        <details>
          <summary>The same by hand</summary>
          <pre>{curl}</pre>
        </details>
      )}
      <p>
        <a href="docs/api">All that a request can say</a>
      </p>
    </div>
  );
}
