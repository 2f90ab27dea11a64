/**
 * What is kept of an attempt that was made: one line of JSON with short names, for people to look at. It is advisory: nothing is
 * decided by it, and when memory is short it is not kept. Secrets have been hidden and bodies left out before it comes here.
 */
import { createHash } from 'node:crypto';
import type { AttemptKind } from './keys.js';

export interface KeptAttempt {
  readonly id: string;
  readonly reference?: string | undefined;
  /** Of the client's trace. */
  readonly traceId?: string | undefined;
  /** When it ended, ms since the epoch, by Redis's clock. */
  readonly endedAt: number;
  readonly attempt: number;
  readonly maxAttempts: number;
  /** What was decided: `delivered`, `retry`, `dead` … */
  readonly outcome: string;
  /** Status of the answer, or the class of the error. */
  readonly code: number | string;
  readonly error?: string | undefined;
  readonly deadReason?: string | undefined;
  readonly nextInMs?: number | undefined;
  /** scheme://host:port */
  readonly destination: string;
  readonly method: string;
  /** Without credentials and secrets. */
  readonly url: string;
  readonly queueWaitMs?: number | undefined;
  readonly dnsMs?: number | undefined;
  readonly connectMs?: number | undefined;
  readonly firstByteMs?: number | undefined;
  readonly totalMs: number;
  readonly responseBody?: string | undefined;
  /** There was more of the answer. */
  readonly isTruncated?: boolean | undefined;
}

const NAMES = {
  id: 'i', // comes first: see `rowHead`
  reference: 'f',
  traceId: 'T',
  endedAt: 't',
  attempt: 'n',
  maxAttempts: 'm',
  outcome: 'o',
  code: 'c',
  error: 'e',
  deadReason: 'r',
  nextInMs: 'x',
  destination: 'd',
  method: 'M',
  url: 'u',
  queueWaitMs: 'w',
  dnsMs: 'pd',
  connectMs: 'pc',
  firstByteMs: 'pf',
  totalMs: 'pt',
  responseBody: 'b',
  isTruncated: 'bt',
} as const satisfies Record<keyof KeptAttempt, string>;

const LONG_NAMES = Object.entries(NAMES);

export function kindOf({ outcome }: Pick<KeptAttempt, 'outcome'>): AttemptKind {
  return outcome === 'delivered' ? 'delivered' : 'failed';
}

/** Written out: it is made for every attempt, and an object of one shape is quicker than a loop. */
export function packAttempt(attempt: KeptAttempt): string {
  return JSON.stringify({
    i: attempt.id,
    f: attempt.reference,
    T: attempt.traceId,
    t: attempt.endedAt,
    n: attempt.attempt,
    m: attempt.maxAttempts,
    o: attempt.outcome,
    c: attempt.code,
    e: attempt.error,
    r: attempt.deadReason,
    x: attempt.nextInMs,
    d: attempt.destination,
    M: attempt.method,
    u: attempt.url,
    w: attempt.queueWaitMs,
    pd: attempt.dnsMs,
    pc: attempt.connectMs,
    pf: attempt.firstByteMs,
    pt: attempt.totalMs,
    b: attempt.responseBody,
    bt: attempt.isTruncated,
  });
}

/** `undefined` for a line that is none. */
export function unpackAttempt(line: string): KeptAttempt | undefined {
  try {
    const short = JSON.parse(line) as Record<string, unknown>;
    const known = LONG_NAMES.filter(([, key]) => short[key] !== undefined).map(([name, key]) => [name, short[key]]);
    return short['i'] === undefined ? undefined : (Object.fromEntries(known) as KeptAttempt);
  } catch {
    return undefined;
  }
}

/** How the row of a postback begins: what is erased is known by it. */
export function rowHead(id: string): string {
  return `{"i":"${id}"`;
}

/**
 * The part of a block's index that names one attempt: `,<stream id of acceptance>` and, with a reference, `#<its hash>`. A comma
 * ends the index.
 */
export function indexOf({ id, reference }: Pick<KeptAttempt, 'id' | 'reference'>): string {
  const accepted = `,${acceptance(id)}`;
  return reference === undefined ? accepted : `${accepted}#${hashReference(reference)}`;
}

/** What to look for in an index: any of these. A hash may be another reference's too, so the rows have to be compared. */
export function indexTokens(wanted: { readonly id: string } | { readonly reference: string }): string[] {
  if ('reference' in wanted) return [`#${hashReference(wanted.reference)},`];
  const accepted = `,${acceptance(wanted.id)}`;
  return [`${accepted},`, `${accepted}#`];
}

function acceptance(id: string): string {
  return id.slice(id.indexOf('-') + 1);
}

/** 48 bits, so that an index stays small whatever clients call their things. */
function hashReference(reference: string): string {
  return createHash('sha1').update(reference).digest('base64url').slice(0, 8);
}
