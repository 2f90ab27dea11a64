/** Who delivers, and how Redis is. */
import type { RedisHealth, Worker } from '../api/types.js';
import { formatBytes, formatCount } from '../format/numbers.js';
import { Chip } from '../parts/Chip.js';
import { Moment } from '../parts/Moment.js';
import { usePage } from '../shell/context.js';
import { useStore } from '../shell/store.js';

export function Workers() {
  const overview = useStore(usePage().overview);
  return (
    <div class="pair">
      <section class="card" aria-label="Workers">
        <h3>Workers</h3>
        {!overview?.workers && <p class="empty">Not known now.</p>}
        {overview?.workers?.length === 0 && <p class="empty">None is alive.</p>}
        {overview?.workers && overview.workers.length > 0 && <WorkerTable workers={overview.workers} />}
      </section>
      <section class="card" aria-label="Redis">
        <h3>Redis</h3>
        {overview ? <RedisList redis={overview.redis} /> : <p class="empty">Not known now.</p>}
      </section>
    </div>
  );
}

function WorkerTable({ workers }: { readonly workers: readonly Worker[] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th>State</th>
            <th class="number">Busy</th>
            <th>Up since</th>
            <th>Version</th>
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => (
            <tr key={worker.name}>
              <td class="mono">{worker.name}</td>
              <td>
                <Chip
                  word={worker.isAlive ? (worker.isReady ? 'ready' : 'not ready') : 'silent'}
                  title={worker.reasons.join('; ')}
                />
              </td>
              <td class="number">{busyOf(worker)}</td>
              <td>{worker.startedAt ? <Moment at={worker.startedAt} /> : '–'}</td>
              <td>{worker.version ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function busyOf({ busy, slots }: Worker): string {
  return busy === undefined ? '–' : `${formatCount(busy)}${slots === undefined ? '' : ` of ${formatCount(slots)}`}`;
}

function RedisList({ redis }: { readonly redis: RedisHealth }) {
  const { isReachable, usedBytes, maxBytes, aofEnabled, lastRewriteOk, lastWriteOk } = redis;
  if (!isReachable) return <p class="empty">It cannot be reached.</p>;
  const share = usedBytes && maxBytes ? usedBytes / maxBytes : undefined;
  const isWriting = lastWriteOk !== false && lastRewriteOk !== false;
  return (
    <dl class="facts">
      <dt>Memory</dt>
      <dd>
        {usedBytes ? formatBytes(usedBytes) : '–'}
        {maxBytes ? ` of ${formatBytes(maxBytes)}` : ', no limit'}
        {share !== undefined && <meter min={0} max={1} high={0.85} value={share} aria-label="Share of memory used" />}
      </dd>
      <dt>On disk</dt>
      <dd>
        {aofEnabled
          ? isWriting
            ? 'append-only file, written'
            : 'append-only file, cannot be written'
          : aofEnabled === false
            ? 'nothing'
            : '–'}
      </dd>
    </dl>
  );
}
