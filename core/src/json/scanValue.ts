/** Any JSON value. It recurses, but never deeper than `maxDepth`: a deeper text is refused where it gets too deep. */
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  isDigit,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
} from './characters.js';
import { addFault, refuseText, STOPPED, type Cursor } from './cursor.js';
import { scanKey, type Keys } from './scanKey.js';
import { scanNumber } from './scanNumber.js';
import { scanString } from './scanString.js';

/** Reads the value that starts at `at` and whose path is `depth` steps long. */
export function scanValue(cursor: Cursor, at: number, depth: number): number {
  const code = cursor.text.charCodeAt(at);
  if (code === QUOTE) return scanString(cursor, at, depth);
  if (code === OPEN_BRACE || code === OPEN_BRACKET) return scanContainer(cursor, code, at, depth);
  return isDigit(code) || code === MINUS ? scanNumber(cursor, at) : scanLiteral(cursor, at);
}

function scanContainer(cursor: Cursor, code: number, at: number, depth: number): number {
  if (depth < cursor.maxDepth) {
    return code === OPEN_BRACE ? scanObject(cursor, at, depth) : scanArray(cursor, at, depth);
  }
  addFault(cursor, depth, `is nested deeper than ${cursor.maxDepth} levels`);
  return STOPPED;
}

/** Reads the object whose opening brace stands at `open`. */
export function scanObject(cursor: Cursor, open: number, depth: number): number {
  const { text } = cursor;
  let at = skipSpace(text, open + 1);
  if (text.charCodeAt(at) === CLOSE_BRACE) return at + 1;
  const keys: Keys = { base: cursor.keyTop, seen: undefined };
  for (;;) {
    at = scanMember(cursor, keys, at, depth);
    if (at < 0) return at;
    const code = text.charCodeAt(at);
    if (code === CLOSE_BRACE) break;
    if (code !== COMMA) return refuseText(cursor, at, '"," or "}"');
    at = skipSpace(text, at + 1);
  }
  cursor.keyTop = keys.base;
  return at + 1;
}

function scanMember(cursor: Cursor, keys: Keys, at: number, depth: number): number {
  const value = scanKey(cursor, keys, at, depth);
  if (value < 0) return value;
  const end = scanValue(cursor, value, depth + 1);
  return end < 0 ? end : skipSpace(cursor.text, end);
}

function scanArray(cursor: Cursor, open: number, depth: number): number {
  const { text } = cursor;
  let at = skipSpace(text, open + 1);
  if (text.charCodeAt(at) === CLOSE_BRACKET) return at + 1;
  for (let index = 0; ; index++) {
    cursor.path[depth] = ~index;
    at = scanValue(cursor, at, depth + 1);
    if (at < 0) return at;
    at = skipSpace(text, at);
    const code = text.charCodeAt(at);
    if (code === CLOSE_BRACKET) return at + 1;
    if (code !== COMMA) return refuseText(cursor, at, '"," or "]"');
    at = skipSpace(text, at + 1);
  }
}

function scanLiteral(cursor: Cursor, at: number): number {
  if (cursor.text.startsWith('true', at) || cursor.text.startsWith('null', at)) return at + 4;
  return cursor.text.startsWith('false', at) ? at + 5 : refuseText(cursor, at, 'a value');
}
