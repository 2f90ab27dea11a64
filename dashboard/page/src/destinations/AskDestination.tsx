/** Asks before a destination is paused, resumed, or all that waits for it is cancelled; and does it. */
import { useState } from 'preact/hooks';
import { request } from '../api/request.js';
import type { Destination } from '../api/types.js';
import { formatCount } from '../format/numbers.js';
import { Dialog } from '../parts/Dialog.js';

export interface DestinationQuestion {
  readonly kind: 'pause' | 'resume' | 'cancel';
  readonly destination: Destination;
}

interface AskProps {
  readonly question: DestinationQuestion;
  readonly close: () => void;
}

export function AskDestination({ question, close }: AskProps) {
  const { kind, destination } = question;
  const name = destination.destination;
  const [reason, setReason] = useState('');
  const [cancelled, setCancelled] = useState(0);
  const path = `api/destinations/${encodeURIComponent(name)}/${kind}`;
  const act = async () => {
    if (kind === 'cancel') return cancelAll(path, setCancelled);
    await request(path, { method: 'POST', body: kind === 'pause' && reason ? { reason } : {} });
  };
  const words = { pause: 'Pause', resume: 'Resume', cancel: 'Cancel what waits' };
  return (
    <Dialog title={`${words[kind]}: ${name}`} verb={words[kind]} act={act} close={close} isDanger={kind === 'cancel'}>
      {kind === 'pause' && (
        <>
          <p>
            Nothing is sent to it until somebody resumes; what is accepted is parked, and its time to live stands still.
          </p>
          <label class="field">
            Reason, for those who come after you
            <input value={reason} maxLength={500} onInput={(event) => setReason(event.currentTarget.value)} />
          </label>
        </>
      )}
      {kind === 'resume' && <p>It goes on, the oldest first: {formatCount(destination.parked)} are parked.</p>}
      {kind === 'cancel' && (
        <p>
          All that waits for it, {formatCount(destination.parked)} parked and what is still queued, becomes dead letters
          with the reason <code>cancelled</code>. They can be redriven later.
        </p>
      )}
      {cancelled > 0 && <p role="status">{formatCount(cancelled)} cancelled so far.</p>}
    </Dialog>
  );
}

/** A step at a time, until the server says that it has seen all. */
async function cancelAll(path: string, progress: (cancelled: number) => void): Promise<void> {
  let cancelled = 0;
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const body = cursor === undefined ? {} : { cursor };
    const step = await request<{ cancelled: number; next: string | null }>(path, { method: 'POST', body });
    cancelled += step.cancelled;
    cursor = step.next;
    progress(cancelled);
  }
}
