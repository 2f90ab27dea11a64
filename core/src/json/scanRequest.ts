/**
 * The body of a request, checked and cut up in one pass: `{"endpoint": {…}, "delivery"?: {…}, "data": [{…}, …]}`.
 * What it hands out are slices of the text, so that what arrives in the end is what was sent, digit for digit.
 * The grammar is exactly that of JSON.parse; refused besides are repeated keys, too deep nesting, halves of surrogate
 * pairs, NUL and another shape. Not checked: what is inside of endpoint, delivery and the data objects.
 */
import type { ProblemFault } from '../problem.js';
import { CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, skipSpace } from './characters.js';
import { addFault, createCursor, keyAt, noteFault, refuseText, STOPPED, type Cursor } from './cursor.js';
import { kindOfValue } from './kindOfValue.js';
import { describeUnknown } from './nearestName.js';
import { scanKey, type Keys } from './scanKey.js';
import { scanObject, scanValue } from './scanValue.js';

export interface ScanLimits {
  /** How deep arrays and objects may be nested; the body itself is the first level. */
  readonly maxDepth: number;
  readonly maxDataObjects: number;
}

export type ScannedRequest =
  /** Each a slice of the body from brace to brace. A slice keeps the whole body in memory: copy what stays. */
  | { readonly kind: 'ok'; readonly endpoint: string; readonly delivery: string | undefined; readonly data: string[] }
  /** `detail` does not name the position, an index into the text. */
  | { readonly kind: 'not-json'; readonly detail: string; readonly position: number }
  | { readonly kind: 'faults'; readonly faults: ProblemFault[] };

interface Scan {
  readonly cursor: Cursor;
  readonly maxDataObjects: number;
  endpoint: string | undefined;
  delivery: string | undefined;
  data: string[] | undefined;
}

const NOTHING_FOUND = { endpoint: undefined, delivery: undefined, data: undefined };
const MEMBERS = ['endpoint', 'delivery', 'data'] as const;

/** `text` must come from valid UTF-8. Faults are at most 20, with pointers into the body. */
export function scanRequest(text: string, limits: ScanLimits): ScannedRequest {
  const cursor = createCursor(text, limits.maxDepth);
  const scan: Scan = { cursor, maxDataObjects: limits.maxDataObjects, ...NOTHING_FOUND };
  const end = scanBody(scan, skipSpace(text, 0));
  if (end >= 0) scanEnd(cursor, end);
  if (cursor.notJson) return { kind: 'not-json', ...cursor.notJson };
  const { endpoint, delivery, data } = scan;
  if (cursor.faults.length > 0 || endpoint === undefined || data === undefined) {
    return { kind: 'faults', faults: cursor.faults };
  }
  return { kind: 'ok', endpoint, delivery, data };
}

function scanBody(scan: Scan, start: number): number {
  const { cursor } = scan;
  if (cursor.text.charCodeAt(start) === OPEN_BRACE) return scanMembers(scan, start);
  const end = scanValue(cursor, start, 0);
  if (end >= 0)
    addFault(cursor, 0, `expected an object with endpoint and data, got ${kindOfValue(cursor.text, start)}`);
  return end;
}

function scanEnd(cursor: Cursor, end: number): void {
  const rest = end === cursor.text.length ? end : skipSpace(cursor.text, end);
  if (rest < cursor.text.length) refuseText(cursor, rest, 'the end of the text');
}

function scanMembers(scan: Scan, open: number): number {
  const { cursor } = scan;
  const first = skipSpace(cursor.text, open + 1);
  const close = cursor.text.charCodeAt(first) === CLOSE_BRACE ? first : scanMemberList(scan, first);
  if (close < 0) return close;
  if (scan.endpoint === undefined) noteFault(cursor, '/endpoint', 'is missing; expected an object');
  if (scan.data === undefined) noteFault(cursor, '/data', 'is missing; expected an array of objects');
  return close + 1;
}

/** Returns the position of the closing brace. */
function scanMemberList(scan: Scan, first: number): number {
  const { cursor } = scan;
  const keys: Keys = { base: 0, seen: undefined };
  for (let at = first; ; at = skipSpace(cursor.text, at + 1)) {
    const value = scanKey(cursor, keys, at, 0);
    if (value < 0) return value;
    const end = scanMember(scan, memberName(cursor.text, at), value);
    if (end < 0) return end;
    at = skipSpace(cursor.text, end);
    const code = cursor.text.charCodeAt(at);
    if (code === CLOSE_BRACE) return at;
    if (code !== COMMA) return refuseText(cursor, at, '"," or "}"');
  }
}

function memberName(text: string, start: number): string {
  const isNamed = (name: string) =>
    text.startsWith(name, start + 1) && text.charCodeAt(start + 1 + name.length) === QUOTE;
  return MEMBERS.find(isNamed) ?? keyAt(text, start);
}

function scanMember(scan: Scan, name: string, at: number): number {
  const { cursor } = scan;
  if (name === 'data') return scanData(scan, at);
  const end = scanValue(cursor, at, 1);
  if (end < 0) return end;
  if (name === 'endpoint') scan.endpoint = objectSlice(cursor, at, end);
  else if (name === 'delivery') scan.delivery = objectSlice(cursor, at, end);
  else addFault(cursor, 1, describeUnknown(name, MEMBERS));
  return end;
}

function objectSlice(cursor: Cursor, start: number, end: number): string {
  if (cursor.text.charCodeAt(start) !== OPEN_BRACE) {
    addFault(cursor, 1, `expected an object, got ${kindOfValue(cursor.text, start)}`);
  }
  return cursor.text.slice(start, end);
}

function scanData(scan: Scan, open: number): number {
  const { cursor } = scan;
  scan.data = [];
  if (cursor.text.charCodeAt(open) !== OPEN_BRACKET) {
    addFault(cursor, 1, `expected an array of objects, got ${kindOfValue(cursor.text, open)}`);
    return scanValue(cursor, open, 1);
  }
  const first = skipSpace(cursor.text, open + 1);
  if (cursor.text.charCodeAt(first) !== CLOSE_BRACKET) return scanDataObjects(scan, scan.data, first);
  addFault(cursor, 1, `expected 1 to ${scan.maxDataObjects} objects, got none`);
  return first + 1;
}

function scanDataObjects(scan: Scan, data: string[], first: number): number {
  const { cursor } = scan;
  for (let at = first; ; at = skipSpace(cursor.text, at + 1)) {
    if (data.length === scan.maxDataObjects) {
      addFault(cursor, 1, `expected 1 to ${scan.maxDataObjects} objects, got more`);
      return STOPPED;
    }
    cursor.path[1] = ~data.length;
    const end = scanDataObject(cursor, at);
    if (end < 0) return end;
    data.push(cursor.text.slice(at, end));
    at = skipSpace(cursor.text, end);
    const code = cursor.text.charCodeAt(at);
    if (code === CLOSE_BRACKET) return at + 1;
    if (code !== COMMA) return refuseText(cursor, at, '"," or "]"');
  }
}

function scanDataObject(cursor: Cursor, at: number): number {
  if (cursor.text.charCodeAt(at) === OPEN_BRACE) return scanObject(cursor, at, 2);
  const end = scanValue(cursor, at, 2);
  if (end >= 0) addFault(cursor, 2, `expected an object, got ${kindOfValue(cursor.text, at)}`);
  return end;
}
