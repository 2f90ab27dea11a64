/** Rows of dead letters, each with what can be done with it. */
import type { Letter } from '../api/types.js';
import { ActionButton } from '../parts/ActionButton.js';
import { Moment } from '../parts/Moment.js';
import { formatRoute } from '../shell/route.js';

export interface AskLetter {
  readonly id: string;
  readonly action: 'redrive' | 'purge';
}

interface LetterTableProps {
  readonly letters: readonly Letter[];
  readonly ask: (question: AskLetter) => void;
}

export function LetterTable({ letters, ask }: LetterTableProps) {
  if (letters.length === 0) return null;
  return (
    <div class="card scroll">
      <table class="stacking letters">
        <thead>
          <tr>
            <th>Died</th>
            <th>Reason</th>
            <th>What happened</th>
            <th class="number">Attempts</th>
            <th>Endpoint</th>
            <th>Reference</th>
            <th>
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {letters.map((letter) => (
            <Row key={letter.id} letter={letter} ask={ask} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ letter, ask }: { readonly letter: Letter; readonly ask: LetterTableProps['ask'] }) {
  const { id, reason, detail, diedAt, attemptsMade, method, url, reference } = letter;
  return (
    <tr data-id={id}>
      <td>
        <a href={formatRoute('postback', {}, id)} aria-label={`Postback ${id}`}>
          <Moment at={diedAt} />
        </a>
      </td>
      <td data-label="Reason">
        <span class="chip bad">{reason}</span>
      </td>
      <td data-label="What happened">{detail}</td>
      <td class="number" data-label="Attempts">
        {attemptsMade}
      </td>
      <td class="wide url" title={url}>
        <b>{method}</b> {url}
      </td>
      <td class="reference" data-label="Reference">
        {reference}
      </td>
      <td class="actions">
        <ActionButton kind="small" label={`Redrive ${id}`} onClick={() => ask({ id, action: 'redrive' })}>
          Redrive…
        </ActionButton>
        <ActionButton kind="small" label={`Purge ${id}`} onClick={() => ask({ id, action: 'purge' })}>
          Purge…
        </ActionButton>
      </td>
    </tr>
  );
}
