/** Which attempts somebody means. Pure. */
import { kindOf, type KeptAttempt } from '@postback/core/queue/keptAttempt';
import { ATTEMPT_KINDS, type AttemptKind } from '@postback/core/queue/keys';

/** All that is given has to fit. */
export interface AttemptFilter {
  /** scheme://host:port */
  readonly destination?: string | undefined;
  /** `delivered`, `retry`, `dead` … or `failed`: all but the delivered ones. */
  readonly outcome?: string | undefined;
  /** A status, a class of them (`5xx`) or the class of an error (`timeout`). */
  readonly code?: string | undefined;
  readonly id?: string | undefined;
  readonly reference?: string | undefined;
}

export function fits(attempt: KeptAttempt, { destination, outcome, code, id, reference }: AttemptFilter): boolean {
  if (id !== undefined && attempt.id !== id) return false;
  if (reference !== undefined && attempt.reference !== reference) return false;
  if (destination !== undefined && attempt.destination !== destination) return false;
  if (outcome !== undefined && outcome !== attempt.outcome && outcome !== kindOf(attempt)) return false;
  return code === undefined || hasCode(attempt, code);
}

/** The kinds in which such an attempt can be. */
export function kindsOf({ outcome }: AttemptFilter): readonly AttemptKind[] {
  if (outcome === undefined) return ATTEMPT_KINDS;
  return [kindOf({ outcome })];
}

function hasCode({ code }: KeptAttempt, wanted: string): boolean {
  const text = String(code);
  return text === wanted || (/^[1-5]xx$/.test(wanted) && typeof code === 'number' && text[0] === wanted[0]);
}
