/** What can be done with one postback, each after a question. */
import { useState } from 'preact/hooks';
import { request } from '../api/request.js';
import type { PostbackStatus } from '../api/types.js';
import { ActionButton } from '../parts/ActionButton.js';
import { Dialog } from '../parts/Dialog.js';
import { emptyReplacement, readReplacement } from '../dead/replacement.js';
import { ReplacementFields } from '../dead/ReplacementFields.js';
import { actionsIn, type StoryAction } from './states.js';

interface StoryActionsProps {
  readonly status: PostbackStatus;
  readonly changed: () => void;
}

export const WORDS: Readonly<Record<StoryAction, { verb: string; detail: string }>> = {
  cancel: {
    verb: 'Cancel it',
    detail: 'It will not be sent. It becomes a dead letter with the reason cancelled, and can be redriven.',
  },
  redrive: { verb: 'Redrive it', detail: 'It is sent again under its own id; attempts and time to live begin anew.' },
  purge: {
    verb: 'Purge it',
    detail: 'The dead letter is removed for good. Its attempts stay in the list until they expire.',
  },
  erase: {
    verb: 'Erase it',
    detail:
      'All that is kept of it is removed for good: what waits, its dead letter and its attempts. The books still count it.',
  },
};

export function StoryActions({ status, changed }: StoryActionsProps) {
  const [action, setAction] = useState<StoryAction>();
  return (
    <div class="actions">
      {actionsIn(status.state).map((name) => (
        <ActionButton key={name} kind={name === 'redrive' ? 'main' : undefined} onClick={() => setAction(name)}>
          {WORDS[name].verb}…
        </ActionButton>
      ))}
      {action && <AskPostback id={status.id} action={action} close={() => setAction(undefined)} changed={changed} />}
    </div>
  );
}

interface AskPostbackProps {
  readonly id: string;
  readonly action: StoryAction;
  readonly close: () => void;
  readonly changed: () => void;
}

export function AskPostback({ id, action, close, changed }: AskPostbackProps) {
  const [replacement, setReplacement] = useState(emptyReplacement);
  const { verb, detail } = WORDS[action];
  const isDanger = action !== 'redrive';
  const act = async () => {
    await carryOut(id, action, action === 'redrive' ? readReplacement(replacement) : {});
    changed();
  };
  return (
    <Dialog title={`${verb}?`} verb={verb} isDanger={isDanger} act={act} close={close}>
      <p>
        <code>{id}</code>
      </p>
      <p>{detail}</p>
      {action === 'redrive' && <ReplacementFields value={replacement} change={setReplacement} />}
    </Dialog>
  );
}

async function carryOut(id: string, action: StoryAction, body: object): Promise<void> {
  const name = encodeURIComponent(id);
  switch (action) {
    case 'cancel':
      return request(`api/postbacks/${name}`, { method: 'DELETE' });
    case 'redrive':
      return request(`api/dead/${name}/redrive`, { method: 'POST', body });
    case 'purge':
      return request(`api/dead/${name}`, { method: 'DELETE' });
    case 'erase':
      return request(`api/postbacks/${name}/erase`, { method: 'POST' });
  }
}
