/**
 * How the sink misbehaves for a run, as data, and the decision for one attempt. Shares are exact, not random: which seqs are
 * hit follows from the seq alone, so that "drops 1 %" of 2,000 is 20, and the checker can be checked.
 */
import { Problem } from '@postback/core/problem';
import type { ProblemFault } from '@postback/core/problem';

export interface Behaviour {
  /** Share (0 to 1) of postbacks answered 200 without being recorded: to the ledger they are lost. */
  readonly dropShare: number;
  /** Share (0 to 1) recorded twice. Never the same postbacks as the dropped ones; both shares together are at most 1. */
  readonly duplicateShare: number;
  /** A slow third party: the request is taken in, stamped and answered this much later. */
  readonly delayMs: number;
  /** The first so many attempts of each postback fail; of a share of them, spread evenly (0 to 1). */
  readonly failFirst: number;
  readonly failShare: number;
  readonly failWith: Failure;
  /** The answer of those that fail with one. */
  readonly status: number;
  /** Sent along with it; 0: not. */
  readonly retryAfterSeconds: number;
}

/** `hang`: no answer ever. `drip`: a byte of the body a second, for ever. `huge`: a body without end. */
export const FAILURES = ['status', 'hang', 'reset', 'redirect', 'drip', 'huge', 'bad-http'] as const;
export type Failure = (typeof FAILURES)[number];

export type Reaction =
  { readonly kind: 'record'; readonly times: number } | { readonly kind: 'drop' } | { readonly kind: 'fail' };

export const WELL_BEHAVED: Behaviour = {
  dropShare: 0,
  duplicateShare: 0,
  delayMs: 0,
  failFirst: 0,
  failShare: 1,
  failWith: 'status',
  status: 503,
  retryAfterSeconds: 0,
};

/** `attempt` counts from 1. */
export function react(behaviour: Behaviour, seq: number, attempt: number): Reaction {
  const fails =
    attempt <= behaviour.failFirst && hitIndex(seq, toMillionths(behaviour.failShare), MILLION) !== undefined;
  if (fails) return { kind: 'fail' };
  const drop = toMillionths(behaviour.dropShare);
  const either = drop + toMillionths(behaviour.duplicateShare);
  const hit = hitIndex(seq, either, MILLION);
  if (hit === undefined) return { kind: 'record', times: 1 };
  const isDropped = hitIndex(hit, drop, either) !== undefined;
  return isDropped ? { kind: 'drop' } : { kind: 'record', times: 2 };
}

const MILLION = 1_000_000;
const toMillionths = (share: number) => Math.round(share * MILLION);

/** Spreads `part` hits evenly over each `whole` consecutive indexes: which hit `index` is (from 0), if it is one. */
function hitIndex(index: number, part: number, whole: number): number | undefined {
  const before = Math.floor((index * part) / whole);
  const after = Math.floor(((index + 1) * part) / whole);
  return after > before ? before : undefined;
}

type Range = { readonly min: number; readonly max: number; readonly whole: boolean };

const SHARE: Range = { min: 0, max: 1, whole: false };
const LIMITS: Readonly<Record<Exclude<keyof Behaviour, 'failWith'>, Range>> = {
  dropShare: SHARE,
  duplicateShare: SHARE,
  delayMs: { min: 0, max: 600_000, whole: true },
  failFirst: { min: 0, max: 1_000_000, whole: true },
  failShare: SHARE,
  status: { min: 300, max: 599, whole: true },
  retryAfterSeconds: { min: 0, max: 86_400, whole: true },
};

/**
 * The body of `PUT /runs/<id>`: any members of Behaviour; what is missing behaves well.
 * @throws Problem `invalid-request` naming every faulty member
 */
export function parseBehaviour(json: string): Behaviour {
  return readBehaviour(parseObject(json));
}

/** The same of a value that was parsed already. @throws Problem `invalid-request` */
export function readBehaviour(given: Readonly<Record<string, unknown>>): Behaviour {
  const faults = Object.entries(given).flatMap(([name, value]) => faultOf(name, value));
  if (faults.length > 0) throw invalid(faults);
  const behaviour = { ...WELL_BEHAVED, ...given };
  if (behaviour.dropShare + behaviour.duplicateShare > 1) {
    throw invalid([{ pointer: '/duplicateShare', detail: 'dropShare and duplicateShare together are more than 1' }]);
  }
  return behaviour;
}

function parseObject(json: string): Readonly<Record<string, unknown>> {
  if (json.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw new Problem('invalid-json', { detail: (cause as Error).message, cause });
  }
  throw invalid([{ pointer: '', detail: 'expected an object' }]);
}

function faultOf(name: string, value: unknown): ProblemFault[] {
  if (name === 'failWith') {
    const isKnown = FAILURES.some((failure) => failure === value);
    return isKnown ? [] : [{ pointer: '/failWith', detail: `expected one of ${FAILURES.join(', ')}` }];
  }
  if (!Object.hasOwn(LIMITS, name)) return [{ pointer: `/${name}`, detail: 'is not a behaviour of the sink' }];
  const { min, max, whole } = LIMITS[name as keyof typeof LIMITS];
  const isGood = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
  const kind = whole ? 'a whole number' : 'a number';
  return isGood ? [] : [{ pointer: `/${name}`, detail: `expected ${kind} from ${min} to ${max}` }];
}

function invalid(errors: readonly ProblemFault[]): Problem {
  const detail = errors.map((fault) => `${fault.pointer} ${fault.detail}`).join('; ');
  return new Problem('invalid-request', { detail, errors });
}
