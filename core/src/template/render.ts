/**
 * Renders a postback: the values of one data object into the templates of its endpoint. One pass, values are never expanded
 * again; nothing is built that is longer than its limit. Runs for every postback, at ingest as a check and at delivery.
 */
import { readMembers } from '../json/members.js';
import { jsonPointer } from '../json/pointer.js';
import type { ProblemFault } from '../problem.js';
import { MAX_BODY_LENGTH } from './compileBody.js';
import { MAX_HEADER_BYTES } from './compileHeaders.js';
import { isDotSegment } from './dotSegments.js';
import { plainText } from './encoders.js';
import { isHeaderText } from './headerRules.js';
import { joinPieces, type Pieces } from './pieces.js';
import type { RenderPlan } from './plan.js';

export type Rendered =
  | {
      readonly kind: 'ok';
      /** Path and query, for the request line. May start with `//`: never resolve it against a base. */
      readonly path: string;
      /** Absolute, without credentials. */
      readonly url: string;
      /** Without secrets and credentials. Shared between postbacks where it can be: do not change it. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string | undefined;
    }
  /** Pointers are relative to the data object. */
  | { readonly kind: 'faults'; readonly faults: ProblemFault[] };

interface Values {
  /** By slot: the JSON text to render. */
  readonly raws: string[];
  /** By slot; only filled in where it matters. */
  readonly isMissing: boolean[];
}

/** `data` is a data object as it was scanned. */
export function render(plan: RenderPlan, data: string): Rendered {
  const values = readValues(plan, data);
  const faults = plan.unmatched === 'reject' ? missingFaults(plan, values) : [];
  const path = renderPath(plan, values);
  if (path === undefined) faults.push(fault(`the rendered URL would be longer than ${plan.maxUrlBytes} bytes`));
  else checkSegments(plan, values, faults);
  const headers = renderHeaders(plan, values, faults);
  const body = renderBody(plan, values, data);
  if (body === null) faults.push(fault(`the rendered body would be longer than ${MAX_BODY_LENGTH} characters`));
  if (faults.length > 0 || path === undefined || body === null) return { kind: 'faults', faults };
  return { kind: 'ok', path, url: plan.url.origin + path, headers, body };
}

function fault(detail: string, key?: string): ProblemFault {
  return { pointer: key === undefined ? '' : jsonPointer([key]), detail };
}

function readValues(plan: RenderPlan, data: string): Values {
  const members = readMembers(data, plan.keys);
  const raws: string[] = [];
  const isMissing: boolean[] = [];
  for (const key of plan.keys) {
    const slot = raws.length;
    const raw = members.get(key);
    const isThere = raw !== undefined && raw !== 'null';
    raws.push(isThere ? raw : (plan.fallbacks[slot] as string));
    if (plan.unmatched !== 'default') isMissing.push(!isThere && !plan.hasDefault[slot]);
  }
  return { raws, isMissing };
}

function missingFaults(plan: RenderPlan, { isMissing }: Values): ProblemFault[] {
  const missing = [...plan.keys].filter((_, slot) => isMissing[slot]);
  return missing.map((key) => fault('the endpoint needs this key, and unmatched keys are rejected', key));
}

/** Path and query; `undefined` when the URL would be too long. */
function renderPath(plan: RenderPlan, values: Values): string | undefined {
  const limit = plan.maxUrlBytes - plan.url.origin.length;
  let out = joinPieces(plan.url.path, values.raws, limit);
  let separator = '?';
  for (const param of plan.url.params) {
    if (out === undefined) return undefined;
    if (plan.unmatched === 'omit' && isOmitted(param, values)) continue;
    const text = joinPieces(param, values.raws, limit - out.length - 1);
    out = text === undefined ? undefined : out + separator + text;
    separator = '&';
  }
  return out;
}

function isOmitted(param: Pieces, { isMissing }: Values): boolean {
  return param.slots.some((slot) => isMissing[slot]);
}

function checkSegments(plan: RenderPlan, values: Values, faults: ProblemFault[]): void {
  for (const segment of plan.url.riskySegments) {
    const text = joinPieces(segment, values.raws, plan.maxUrlBytes);
    if (text === undefined || !isDotSegment(text)) continue;
    const key = [...plan.keys][segment.slots[0] ?? 0];
    faults.push(fault(`makes the path segment "${text}", which would change the path`, key));
  }
}

function renderHeaders(plan: RenderPlan, values: Values, faults: ProblemFault[]): Readonly<Record<string, string>> {
  const { fixed, templates, fixedBytes } = plan.headers;
  if (templates.size === 0) return fixed;
  const headers = { ...fixed };
  let bytes = fixedBytes;
  for (const [name, pieces] of templates) {
    const text = joinPieces(pieces, values.raws, MAX_HEADER_BYTES - bytes);
    if (text === undefined) {
      faults.push(fault(`the rendered headers would be longer than ${MAX_HEADER_BYTES} bytes`));
      break;
    }
    bytes += text.length;
    if (isHeaderText(text)) headers[name] = text;
    else faults.push(headerFault(plan, name, pieces, values));
  }
  return headers;
}

function headerFault(plan: RenderPlan, name: string, pieces: Pieces, { raws }: Values): ProblemFault {
  const slot = pieces.slots.find((candidate) => !isHeaderText(plainText(raws[candidate] as string, Infinity)));
  const detail = `holds what the header ${name} may not: control characters, or characters beyond Latin-1`;
  return fault(detail, [...plan.keys][slot ?? 0]);
}

/** `null` when it would be too long. */
function renderBody({ body }: RenderPlan, values: Values, data: string): string | undefined | null {
  if (body.kind === 'data') return data;
  return body.kind === 'none' ? undefined : (joinPieces(body.pieces, values.raws, MAX_BODY_LENGTH) ?? null);
}
