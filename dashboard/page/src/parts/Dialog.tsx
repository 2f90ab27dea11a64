/** Asks before something is done that cannot be taken back. The browser's own dialog: it keeps the focus, and Escape closes it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { asFault, type Fault } from '../api/fault.js';
import { ActionButton } from './ActionButton.js';
import { ProblemNote } from './ProblemNote.js';

export interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** What the button says that does it. */
  readonly verb: string;
  readonly isDanger?: boolean;
  /** The dialog closes when it is done; an error stays on it. */
  readonly act: () => Promise<void>;
  readonly close: () => void;
}

export function Dialog({ title, children, verb, isDanger = false, act, close }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault>();
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setFault(undefined);
    try {
      await act();
      close();
    } catch (error) {
      setFault(asFault(error));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} aria-label={title} onClose={close}>
      <form onSubmit={(event) => void submit(event)}>
        <h2>{title}</h2>
        {children}
        {fault && <ProblemNote fault={fault} />}
        <div class="buttons">
          <button type="button" onClick={close}>
            Back
          </button>
          <ActionButton type="submit" kind={isDanger ? 'danger' : 'main'} isBusy={isBusy}>
            {verb}
          </ActionButton>
        </div>
      </form>
    </dialog>
  );
}
