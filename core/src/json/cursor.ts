/**
 * What one scan carries from function to function: the text, the faults so far, and where in the value tree it stands.
 * Scanners take a position and return the position behind what they read, or STOPPED when the scan is over early.
 */
import type { ProblemFault } from '../problem.js';
import { QUOTE } from './characters.js';
import { jsonPointer } from './pointer.js';

/** Returned instead of a position: the text is not JSON, or what was found makes reading on pointless. */
export const STOPPED = -1;

/** More faults than a person reads; the scan goes on without noting them. */
const MAX_FAULTS = 20;

export interface Cursor {
  readonly text: string;
  readonly maxDepth: number;
  readonly faults: ProblemFault[];
  /** By depth, the way to the value at hand: the position of a member's key, or `~index` of an array element. */
  readonly path: number[];
  /** Start and end of the keys of all open objects, the innermost last; valid below `keyTop`. */
  readonly keys: number[];
  keyTop: number;
  /** Position of the latest backslash: a key that starts before it has to be unescaped. */
  escapeAt: number;
  /** Position of the next backslash or control character, when not before the position at hand. */
  specialAt: number;
  notJson: { readonly detail: string; readonly position: number } | undefined;
}

export function createCursor(text: string, maxDepth: number): Cursor {
  return { text, maxDepth, faults: [], path: [], keys: [], keyTop: 0, escapeAt: -1, specialAt: -1, notJson: undefined };
}

/** The text breaks the grammar of RFC 8259 at `position`. */
export function refuseText(cursor: Cursor, position: number, expected: string): number {
  const detail = `expected ${expected}, found ${describeCharacter(cursor.text, position)}`;
  cursor.notJson = { detail, position };
  return STOPPED;
}

/** Notes a fault of the value that the first `depth` steps of the path lead to. */
export function addFault(cursor: Cursor, depth: number, detail: string): void {
  if (cursor.faults.length >= MAX_FAULTS) return;
  const steps = cursor.path.slice(0, depth).map((step) => (step < 0 ? ~step : keyAt(cursor.text, step)));
  noteFault(cursor, jsonPointer(steps), detail);
}

/** Notes a fault of something that is not there, so that no path leads to it. */
export function noteFault(cursor: Cursor, pointer: string, detail: string): void {
  if (cursor.faults.length < MAX_FAULTS) cursor.faults.push({ pointer, detail });
}

/** The unescaped key whose opening quote stands at `start`; the key must have been scanned already. */
export function keyAt(text: string, start: number): string {
  let end = start + 1;
  while (text.charCodeAt(end) !== QUOTE) end += text[end] === '\\' ? 2 : 1;
  return JSON.parse(text.slice(start, end + 1)) as string;
}

function describeCharacter(text: string, position: number): string {
  const code = text.codePointAt(position);
  if (code === undefined) return 'the end of the text';
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return code > 0x20 && code < 0x7f ? `${String.fromCodePoint(code)} (${name})` : name;
}
