/**
 * Which postback of which run a request is. The generator lets the endpoint's template carry both: in the query
 * (`?run=…&seq=…`, also `/postback/<run>?seq=…`) or, where the data object is the body, as its members `run` and `seq`.
 * Searched rather than parsed: this runs for every delivery, and a body may be cut at its limit.
 */
export interface Identity {
  readonly run: string;
  /** From 0, unique within the run. */
  readonly seq: number;
}

/** What a run may be called, in the address of its control routes as well. */
export const RUN_ID = /^[\w-]{1,64}$/;

const QUERY_SEQ = /[?&]seq=(\d{1,9})(?:&|$)/;
const QUERY_RUN = /[?&]run=([\w-]{1,64})(?:&|$)/;
const PATH_RUN = /^\/postback\/([\w-]{1,64})(?:[/?]|$)/;
const BODY_SEQ = /"seq"\s*:\s*(\d{1,9})\s*[,}]/;
const BODY_RUN = /"run"\s*:\s*"([\w-]{1,64})"/;

/** `url` is path and query as received. Undefined when the request belongs to no run. */
export function identify(url: string, body: string): Identity | undefined {
  const seq = find(QUERY_SEQ, url) ?? find(BODY_SEQ, body);
  if (seq === undefined) return undefined;
  const run = find(QUERY_RUN, url) ?? find(BODY_RUN, body) ?? find(PATH_RUN, url);
  return run === undefined ? undefined : { run, seq: Number(seq) };
}

function find(pattern: RegExp, text: string): string | undefined {
  return text === '' ? undefined : (pattern.exec(text)?.[1] ?? undefined);
}
