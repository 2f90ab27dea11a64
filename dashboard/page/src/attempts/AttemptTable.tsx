/** Rows of attempts; each leads to its postback. On a narrow screen each row becomes a small card. */
import type { Attempt } from '../api/types.js';
import { formatMs } from '../format/numbers.js';
import { Chip } from '../parts/Chip.js';
import { Moment } from '../parts/Moment.js';
import { formatRoute } from '../shell/route.js';
import { keyOf } from './rows.js';

export function AttemptTable({ rows }: { readonly rows: readonly Attempt[] }) {
  if (rows.length === 0) return null;
  return (
    <div class="card scroll">
      <table class="stacking attempts">
        <thead>
          <tr>
            <th>Ended</th>
            <th>Outcome</th>
            <th>Code</th>
            <th class="number">Took</th>
            <th class="number">Attempt</th>
            <th>Request</th>
            <th>Reference</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={keyOf(row)} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row }: { readonly row: Attempt }) {
  return (
    <tr data-id={row.postbackId}>
      <td>
        <a href={formatRoute('postback', {}, row.postbackId)} aria-label={`Postback ${row.postbackId}`}>
          <Moment at={row.endedAt} />
        </a>
      </td>
      <td data-label="Outcome">
        <Chip word={row.outcome} title={row.deadReason} />
      </td>
      <td data-label="Code" title={row.error}>
        {row.code}
      </td>
      <td class="number" data-label="Took">
        {formatMs(row.responseTimeMs)}
      </td>
      <td class="number" data-label="Attempt">
        {row.attempt} of {row.maxAttempts}
      </td>
      <td class="wide url" title={row.url}>
        <b>{row.method}</b> {row.url}
      </td>
      <td class="reference" data-label="Reference">
        {row.reference && <a href={formatRoute('attempts', { reference: row.reference })}>{row.reference}</a>}
      </td>
    </tr>
  );
}
