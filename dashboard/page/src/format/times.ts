/** Times as people read them, in the zone of the browser; the full ISO time is always beside them. Pure. */
import { formatSeconds } from './numbers.js';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });

const DAY_MS = 86_400_000;

/** Hour, minute and second; with the day when it is another one. */
export function formatTime(iso: string, now: number): string {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return iso;
  const isNear = Math.abs(now - time) < DAY_MS && new Date(time).getDate() === new Date(now).getDate();
  return isNear ? clock.format(time) : `${day.format(time)} ${clock.format(time)}`;
}

/** `3 m 20 s ago`, `in 5 s`. */
export function formatDistance(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1_000;
  if (Number.isNaN(seconds)) return iso;
  if (Math.abs(seconds) < 1) return 'now';
  return seconds > 0 ? `in ${formatSeconds(seconds)}` : `${formatSeconds(-seconds)} ago`;
}
