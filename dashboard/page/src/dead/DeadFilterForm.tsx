/** The filter of dead letters. */
import { useState } from 'preact/hooks';
import { MEMBERS, readFilter, REASONS, type DeadFilter, type Member } from './filter.js';

interface DeadFilterFormProps {
  readonly filter: DeadFilter;
  readonly apply: (filter: DeadFilter) => void;
}

const LABELS: Readonly<Record<Member, string>> = {
  reason: 'reason',
  host: 'host',
  reference: 'reference',
  from: 'died after',
  to: 'died before',
};
const HINTS: Readonly<Record<Member, string>> = {
  reason: '',
  host: 'partner.example',
  reference: 'order 7',
  from: '2h, or 2026-01-31T12:00:00Z',
  to: '10m, or a time',
};

export function DeadFilterForm({ filter, apply }: DeadFilterFormProps) {
  const [draft, setDraft] = useState<DeadFilter>(filter);
  const send = (event: Event) => {
    event.preventDefault();
    apply(readFilter(draft));
  };
  return (
    <form class="filter card" role="search" aria-label="Filter dead letters" onSubmit={send}>
      {MEMBERS.map((member) => (
        <label key={member}>
          {LABELS[member]}
          {member === 'reason' ? (
            <select
              name="reason"
              value={draft.reason ?? ''}
              onChange={({ currentTarget: { value } }) => {
                const next = { ...draft, reason: value };
                setDraft(next);
                apply(readFilter(next));
              }}
            >
              <option value="">any</option>
              {REASONS.map((reason) => (
                <option key={reason} value={reason}>
                  {reason}
                </option>
              ))}
            </select>
          ) : (
            <input
              name={member}
              value={draft[member] ?? ''}
              placeholder={HINTS[member]}
              spellcheck={false}
              onInput={({ currentTarget: { value } }) => setDraft({ ...draft, [member]: value })}
            />
          )}
        </label>
      ))}
      <div class="buttons">
        <button type="submit">Filter</button>
        {Object.keys(filter).length > 0 && (
          <button type="button" class="plain" onClick={() => apply({})}>
            Clear
          </button>
        )}
      </div>
    </form>
  );
}
