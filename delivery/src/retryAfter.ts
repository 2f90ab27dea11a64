/** The Retry-After of an answer (RFC 9110, 10.2.3): whole seconds, or a date in one of the three forms of 5.6.7. Pure. */

const IMF_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC850_DATE = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * How long it asks to wait, from `nowMs` on; 0 for a date that has passed. `undefined` when there is none, or something that is
 * neither form: negative, fractional, text.
 */
export function retryAfterMs(header: string | readonly string[] | undefined, nowMs: number): number | undefined {
  const value = typeof header === 'string' ? header.trim() : '';
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const date = parseDate(value);
  return date === undefined ? undefined : Math.max(0, date - nowMs);
}

/** Date.parse alone would make a date of nearly anything that holds a number. */
function parseDate(value: string): number | undefined {
  const isDate = IMF_DATE.test(value) || RFC850_DATE.test(value);
  const text = ASCTIME_DATE.test(value) ? `${value} GMT` : value;
  const time = isDate || text !== value ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? undefined : time;
}
