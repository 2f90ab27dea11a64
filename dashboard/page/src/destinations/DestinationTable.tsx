/** Rows of destinations, each with what can be done with it. */
import type { Destination, DestinationPage } from '../api/types.js';
import { formatCount, formatMs, formatSeconds, formatShare } from '../format/numbers.js';
import { ActionButton } from '../parts/ActionButton.js';
import { Chip } from '../parts/Chip.js';
import { usePage } from '../shell/context.js';
import { formatRoute } from '../shell/route.js';
import { useStore } from '../shell/store.js';
import type { DestinationQuestion } from './AskDestination.js';
import { whyHeld } from './whyHeld.js';

interface TableProps {
  readonly page: DestinationPage;
  readonly ask: (question: DestinationQuestion) => void;
}

export function DestinationTable({ page, ask }: TableProps) {
  return (
    <div class="card scroll">
      <table class="stacking">
        <thead>
          <tr>
            <th>Destination</th>
            <th>State</th>
            <th class="number">Delivered</th>
            <th class="number">Failed attempts</th>
            <th class="number">Success</th>
            <th class="number">p50</th>
            <th class="number">p99</th>
            <th class="number">Parked</th>
            <th class="number">Oldest</th>
            <th>
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {page.destinations.map((destination) => (
            <Row key={destination.destination} destination={destination} ask={ask} />
          ))}
          {page.other && (
            <tr>
              <td class="wide">all others</td>
              <td />
              <VolumeCells volume={page.other} />
              <td />
              <td />
              <td />
            </tr>
          )}
        </tbody>
      </table>
      {page.next !== null && (
        <p class="empty">{formatCount(page.total - page.destinations.length)} more are not shown.</p>
      )}
    </div>
  );
}

function Row({ destination, ask }: { readonly destination: Destination; readonly ask: TableProps['ask'] }) {
  const { destination: name, state, parked, oldestSeconds, volume } = destination;
  const now = useStore(usePage().now);
  const why = whyHeld(destination, now);
  return (
    <tr data-destination={name}>
      <td class="wide">
        <a href={formatRoute('attempts', { destination: name })}>{name}</a>
        {why && <small>{why}</small>}
      </td>
      <td data-label="State">
        <Chip word={state} title={why} />
      </td>
      <VolumeCells volume={volume} />
      <td class="number" data-label="Parked">
        {formatCount(parked)}
      </td>
      <td class="number" data-label="Oldest">
        {oldestSeconds === undefined ? '–' : formatSeconds(oldestSeconds)}
      </td>
      <td class="actions">
        <ActionButton kind="small" onClick={() => ask({ kind: state === 'paused' ? 'resume' : 'pause', destination })}>
          {state === 'paused' ? 'Resume…' : 'Pause…'}
        </ActionButton>
        <ActionButton kind="small" onClick={() => ask({ kind: 'cancel', destination })}>
          Cancel waiting…
        </ActionButton>
      </td>
    </tr>
  );
}

function VolumeCells({ volume }: Pick<Destination, 'volume'>) {
  const response = volume?.response;
  return (
    <>
      <td class="number" data-label="Delivered">
        {volume ? formatCount(volume.delivered) : '–'}
      </td>
      <td class="number" data-label="Failed attempts">
        {volume ? formatCount(volume.failedAttempts) : '–'}
      </td>
      <td class="number" data-label="Success">
        {volume && volume.successShare !== null ? <Share share={volume.successShare} /> : '–'}
      </td>
      <td class="number" data-label="p50">
        {response ? formatMs(response.p50Ms) : '–'}
      </td>
      <td class="number" data-label="p99">
        {response ? formatMs(response.p99Ms) : '–'}
      </td>
    </>
  );
}

const GOOD_SHARE = 0.99;
const FAIR_SHARE = 0.9;

function Share({ share }: { readonly share: number }) {
  const tone = share >= GOOD_SHARE ? 'good' : share >= FAIR_SHARE ? 'warn' : 'bad';
  return <span class={`share ${tone}`}>{formatShare(share)}</span>;
}
