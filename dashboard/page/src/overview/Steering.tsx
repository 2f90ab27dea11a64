/** Pause, resume and drain of all delivery, each after a question. */
import { useState } from 'preact/hooks';
import { request } from '../api/request.js';
import { ActionButton } from '../parts/ActionButton.js';
import { Dialog } from '../parts/Dialog.js';
import { usePage } from '../shell/context.js';
import { useStore } from '../shell/store.js';

type Question = 'pause' | 'resume' | 'drain';

export function Steering() {
  const overview = useStore(usePage().overview);
  const [question, setQuestion] = useState<Question>();
  const isHeld = Boolean(overview?.pause ?? overview?.drain);
  return (
    <div class="actions">
      {isHeld && (
        <ActionButton kind="main" onClick={() => setQuestion('resume')}>
          Resume…
        </ActionButton>
      )}
      {!overview?.pause && <ActionButton onClick={() => setQuestion('pause')}>Pause delivery…</ActionButton>}
      {!overview?.drain && <ActionButton onClick={() => setQuestion('drain')}>Drain…</ActionButton>}
      {question && <Ask question={question} close={() => setQuestion(undefined)} />}
    </div>
  );
}

const WORDS: Readonly<Record<Question, { title: string; verb: string; detail: string }>> = {
  pause: {
    title: 'Pause delivery?',
    verb: 'Pause delivery',
    detail:
      'Nothing is sent to anybody until somebody resumes. Requests are still accepted and kept; their time to live stands still.',
  },
  resume: {
    title: 'Resume?',
    verb: 'Resume',
    detail: 'Delivery goes on, the oldest first, and requests are taken.',
  },
  drain: {
    title: 'Drain?',
    verb: 'Drain',
    detail: 'New requests are refused with 503, and what is queued is delivered. Resume ends it.',
  },
};

function Ask({ question, close }: { readonly question: Question; readonly close: () => void }) {
  const [reason, setReason] = useState('');
  const { title, verb, detail } = WORDS[question];
  const needsReason = question !== 'resume';
  const act = async () => {
    await request(`api/${question}`, { method: 'POST', body: needsReason && reason ? { reason } : {} });
  };
  return (
    <Dialog title={title} verb={verb} act={act} close={close} isDanger={question === 'drain'}>
      <p>{detail}</p>
      {needsReason && (
        <label class="field">
          Reason, for those who come after you
          <input value={reason} maxLength={500} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
      )}
    </Dialog>
  );
}
