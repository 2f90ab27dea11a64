/** JSON Pointers (RFC 6901), for faults. */

/** A longer key is cut: a fault is for reading, and its size must not follow the size of the request. */
const MAX_STEP_LENGTH = 128;

/** `['data', 0, 'a/b']` → `/data/0/a~1b` */
export function jsonPointer(steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${escapeStep(step)}`).join('');
}

function escapeStep(step: string | number): string {
  const text = String(step).toWellFormed();
  const short = text.length > MAX_STEP_LENGTH ? `${text.slice(0, MAX_STEP_LENGTH).toWellFormed()}…` : text;
  return short.replaceAll('~', '~0').replaceAll('/', '~1');
}
