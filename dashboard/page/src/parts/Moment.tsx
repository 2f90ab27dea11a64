/** A time: short, with the full one beside it. */
import { formatDistance, formatTime } from '../format/times.js';
import { usePage } from '../shell/context.js';
import { useStore } from '../shell/store.js';

export function Moment({ at, isDistance = false }: { readonly at: string; readonly isDistance?: boolean }) {
  const now = useStore(usePage().now);
  return (
    <time dateTime={at} title={at}>
      {isDistance ? formatDistance(at, now) : formatTime(at, now)}
    </time>
  );
}
