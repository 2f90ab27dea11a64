/**
 * W3C Trace Context (https://www.w3.org/TR/trace-context/), version 00: ingest takes it from a request, and each attempt sends it
 * on as a child. What breaks the grammar counts as not sent, as the recommendation says. Pure.
 */
export interface TraceContext {
  /** `00-<trace id>-<parent id>-<flags>` as the client sent it. */
  readonly traceparent: string;
  /** The vendors' own entries, passed on as they are. */
  readonly tracestate?: string;
}

const PARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;
/** Version 00 knows one flag, `sampled`; the others are to be sent as 0. */
const SAMPLED = 0x01;
/** Section 3.3.1.5: who keeps any of it keeps at least so much. */
const MAX_STATE_LENGTH = 512;
const MAX_STATE_ENTRIES = 32;
/** key=value; a key of a tenant has an at-sign (section 3.3.1.3). */
const STATE_ENTRY =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/** `undefined` when there is no usable `traceparent`: a state without it means nothing. */
export function readTraceContext(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): TraceContext | undefined {
  const { traceparent, tracestate: state = '' } = headers;
  if (typeof traceparent !== 'string' || !PARENT.test(traceparent)) return undefined;
  const tracestate = readState([state].flat().join(','));
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}

function readState(header: string): string | undefined {
  const entries = header
    .split(',', MAX_STATE_ENTRIES + 2)
    .map((entry) => entry.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((entry) => entry !== '');
  const keys = new Set(entries.map((entry) => entry.slice(0, entry.indexOf('='))));
  const isState = entries.length <= MAX_STATE_ENTRIES && entries.every((entry) => STATE_ENTRY.test(entry));
  const state = entries.join(',');
  return isState && keys.size === entries.length && state !== '' && state.length <= MAX_STATE_LENGTH
    ? state
    : undefined;
}

export function traceIdOf(traceparent: string): string | undefined {
  return PARENT.exec(traceparent)?.[1];
}

/** The same trace with a parent id of our own, 16 hexadecimal digits; `undefined` for what is no traceparent. */
export function childOf(traceparent: string, parentId: string): string | undefined {
  const [, traceId, flags] = PARENT.exec(traceparent) ?? [];
  if (traceId === undefined || flags === undefined) return undefined;
  const kept = Number.parseInt(flags, 16) & SAMPLED;
  return `00-${traceId}-${parentId}-${String(kept).padStart(2, '0')}`;
}
