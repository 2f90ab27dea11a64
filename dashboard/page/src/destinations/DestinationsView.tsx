/** Destinations: who gets how much, how it goes, what holds, and what waits for each. */
import { useState } from 'preact/hooks';
import { queryOf, request } from '../api/request.js';
import type { DestinationPage } from '../api/types.js';
import { ProblemNote } from '../parts/ProblemNote.js';
import { useReading } from '../parts/useReading.js';
import { usePage } from '../shell/context.js';
import { formatRoute } from '../shell/route.js';
import { useStore } from '../shell/store.js';
import { AskDestination, type DestinationQuestion } from './AskDestination.js';
import { DestinationTable } from './DestinationTable.js';

const READ_EVERY_MS = 3_000;
const SORTS = { parked: 'the longest line', volume: 'the most volume', failures: 'the most failures' } as const;
const RANGES = { 15: '15 min', 60: '1 h', 180: '3 h' } as const;

export function DestinationsView() {
  const { filter } = useStore(usePage().route);
  const sort = filter['sort'] ?? 'parked';
  const minutes = filter['minutes'] ?? '60';
  const query = queryOf({ all: true, minutes, sort, limit: 200 });
  const path = `api/destinations${query}`;
  const reading = useReading(path, (signal) => request<DestinationPage>(path, { signal }), READ_EVERY_MS);
  const [question, setQuestion] = useState<DestinationQuestion>();
  const change = (member: string, value: string) => {
    location.hash = formatRoute('destinations', { ...filter, [member]: value });
  };
  const page = reading.value;
  return (
    <div class="view" data-view="destinations">
      <div class="head">
        <h1>Destinations</h1>
        <div class="filter">
          <Choice label="First" value={sort} options={SORTS} onChange={(value) => change('sort', value)} />
          <Choice
            label="Volume of the last"
            value={minutes}
            options={RANGES}
            onChange={(value) => change('minutes', value)}
          />
        </div>
      </div>
      {reading.fault && <ProblemNote fault={reading.fault} />}
      {page && page.destinations.length === 0 && (
        <p class="empty card">Nothing was sent in this time, nothing waits for anybody, and nobody is held.</p>
      )}
      {page && page.destinations.length > 0 && <DestinationTable page={page} ask={setQuestion} />}
      {question && (
        <AskDestination
          question={question}
          close={() => {
            setQuestion(undefined);
            reading.again();
          }}
        />
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: Readonly<Record<string, string>>;
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label>
      {label}{' '}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {Object.entries(options).map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
