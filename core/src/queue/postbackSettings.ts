/**
 * What a request may set for its own postbacks, and how it travels with each of them: as compact JSON, only if set, so that a
 * postback without settings stays as small as it is. Ingest has checked and capped the values.
 */
export interface PostbackSettings {
  /** The first attempt is due so long after the acceptance … */
  readonly delayMs?: number;
  /** … or at this time, ms since the epoch; never both. */
  readonly deliverAtMs?: number;
  /** No attempt begins later than this after the first one was due. */
  readonly ttlMs?: number;
  /** Deadline of one attempt. */
  readonly timeoutMs?: number;
  /** Attempts at most, the first included. */
  readonly attempts?: number;
  /** Waits before the 2nd, 3rd … attempt. */
  readonly scheduleMs?: readonly number[];
  /** Statuses and classes of them (`"4xx"`) that are tried again, besides those that always are. */
  readonly retryStatuses?: readonly (number | string)[];
  /** W3C Trace Context, if the request came with one (traceContext.ts). */
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** One postback's settings and its reference, the client's own name for it. */
export interface Extras {
  readonly settings?: PostbackSettings;
  readonly reference?: string;
}

interface Stored {
  readonly w?: number | undefined;
  readonly u?: number | undefined;
  readonly l?: number | undefined;
  readonly t?: number | undefined;
  readonly a?: number | undefined;
  readonly b?: readonly number[] | undefined;
  readonly s?: readonly (number | string)[] | undefined;
  readonly p?: string | undefined;
  readonly q?: string | undefined;
  readonly r?: string | undefined;
}

const NAMES = {
  delayMs: 'w',
  deliverAtMs: 'u',
  ttlMs: 'l',
  timeoutMs: 't',
  attempts: 'a',
  scheduleMs: 'b',
  retryStatuses: 's',
  traceparent: 'p',
  tracestate: 'q',
} as const satisfies Record<keyof PostbackSettings, keyof Stored>;

/** What is stored, `undefined` when nothing is set. */
export function packExtras({ settings = {}, reference }: Extras): Stored | undefined {
  const set: [string, unknown][] = Object.entries(settings).map(([name, value]) => [
    NAMES[name as keyof PostbackSettings],
    value,
  ]);
  if (reference !== undefined) set.push(['r', reference]);
  return set.length === 0 ? undefined : Object.fromEntries(set);
}

/** Survives any JSON value: what is not ours has no members that count. */
export function unpackExtras(stored: unknown): Extras {
  const { r: reference, ...rest } = Object(stored) as Stored;
  const set = Object.entries(NAMES).filter(([, short]) => rest[short] !== undefined);
  return {
    ...(set.length === 0 ? {} : { settings: Object.fromEntries(set.map(([name, short]) => [name, rest[short]])) }),
    ...(reference === undefined ? {} : { reference }),
  };
}
