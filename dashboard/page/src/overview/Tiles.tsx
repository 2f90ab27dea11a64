/** The figures of this moment. */
import type { ComponentChildren } from 'preact';
import type { Overview, Recent } from '../api/types.js';
import { formatCount, formatPerSecond, formatSeconds, formatShort } from '../format/numbers.js';
import { usePage } from '../shell/context.js';
import { useStore } from '../shell/store.js';

const LONG_WAIT_SECONDS = 60;

export function Tiles() {
  const overview = useStore(usePage().overview);
  const recent = overview?.recent;
  const rate = (name: keyof Recent['perSecond']) => (recent ? formatPerSecond(recent.perSecond[name]) : undefined);
  const span = (name: keyof Recent['perSecond']) =>
    recent ? `per second; ${formatShort(recent[name])} in the last minute` : 'per second';
  return (
    <dl class="tiles">
      <Tile name="accepted" value={rate('accepted')} note={span('accepted')} />
      <Tile name="delivered" value={rate('delivered')} note={span('delivered')} />
      <Tile
        name="failed attempts"
        value={rate('failedAttempts')}
        note={span('failedAttempts')}
        tone={toneOf(overview, 'failedAttempts', 'warn')}
      />
      <Tile name="dead" value={rate('dead')} note={span('dead')} tone={toneOf(overview, 'dead', 'bad')} />
      <OldestWaiting overview={overview} />
      <AliveWorkers overview={overview} />
    </dl>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly note: string;
  readonly tone?: string | undefined;
}

function Tile({ name, value, note, tone }: TileProps) {
  return (
    <div class={`card tile ${tone ?? ''}`} data-name={name}>
      <dt>{name}</dt>
      <dd>
        <b>{value ?? '–'}</b>
        <small>{note}</small>
      </dd>
    </div>
  );
}

function toneOf(overview: Overview | undefined, name: 'failedAttempts' | 'dead', tone: string): string | undefined {
  return overview?.recent && overview.recent[name] > 0 ? tone : undefined;
}

function OldestWaiting({ overview }: { readonly overview: Overview | undefined }) {
  const seconds = overview?.oldestWaitingSeconds;
  const value = seconds === undefined || seconds === null ? undefined : formatSeconds(seconds);
  const none = overview?.redis.isReachable && !value ? 'none' : undefined;
  return (
    <Tile
      name="oldest waiting"
      value={value ?? none}
      note="since it was accepted"
      tone={(seconds ?? 0) > LONG_WAIT_SECONDS ? 'warn' : undefined}
    />
  );
}

function AliveWorkers({ overview }: { readonly overview: Overview | undefined }) {
  const workers = overview?.redis.isReachable ? overview.workers?.filter(({ isAlive }) => isAlive) : undefined;
  const ready = workers?.filter(({ isReady }) => isReady).length ?? 0;
  const isShort = workers !== undefined && (workers.length === 0 || ready < workers.length);
  return (
    <Tile
      name="workers alive"
      value={workers ? formatCount(workers.length) : undefined}
      note={workers ? `${formatCount(ready)} ready` : 'not known'}
      tone={isShort ? 'bad' : undefined}
    />
  );
}
