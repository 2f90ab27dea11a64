/** The filter of attempts. It counts when it is sent, so that nothing is searched while one types. */
import { useState } from 'preact/hooks';
import { MEMBERS, OUTCOMES, readFilter, type AttemptFilter, type Member } from './filter.js';

interface FilterFormProps {
  readonly filter: AttemptFilter;
  readonly apply: (filter: AttemptFilter) => void;
}

const HINTS: Readonly<Record<Member, string>> = {
  destination: 'https://partner.example',
  outcome: '',
  code: '200, 5xx, timeout',
  id: '0-1764000000000-3',
  reference: 'order 7',
};

export function FilterForm({ filter, apply }: FilterFormProps) {
  const [draft, setDraft] = useState<AttemptFilter>(filter);
  const change = (member: Member, value: string) => setDraft((before) => ({ ...before, [member]: value }));
  const send = (event: Event) => {
    event.preventDefault();
    apply(readFilter(draft));
  };
  return (
    <form class="filter card" role="search" aria-label="Filter attempts" onSubmit={send}>
      {MEMBERS.map((member) => (
        <label key={member}>
          {member}
          {member === 'outcome' ? (
            <select
              name="outcome"
              value={draft.outcome ?? ''}
              onChange={({ currentTarget: { value } }) => {
                change('outcome', value);
                apply(readFilter({ ...draft, outcome: value }));
              }}
            >
              <option value="">any</option>
              {OUTCOMES.map((outcome) => (
                <option key={outcome} value={outcome}>
                  {outcome}
                </option>
              ))}
            </select>
          ) : (
            <input
              name={member}
              value={draft[member] ?? ''}
              placeholder={HINTS[member]}
              spellcheck={false}
              onInput={(event) => change(member, event.currentTarget.value)}
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
