/** Strings: the grammar, and the two things it allows that nobody downstream can carry, NUL and half a surrogate pair. */
import { BACKSLASH } from './characters.js';
import { addFault, refuseText, type Cursor } from './cursor.js';

/** `"\/bfnrt`, what may follow a backslash besides `u` */
const SIMPLE_ESCAPES = new Set('"\\/bfnrt');
const HEX4 = /^[0-9a-fA-F]{4}$/;

/** What may not stand in a string as it is. Searched for with `lastIndex` set anew each time. */
const SPECIAL = /[\\\u0000-\u001f]/g;

/**
 * Reads the string whose opening quote stands at `at`; a fault in it is noted at `depth`.
 * It jumps: to the next quote, unless the next special character comes first. Both are searched for natively and not
 * again before they are passed, so the whole text is walked twice at most.
 */
export function scanString(cursor: Cursor, at: number, depth: number): number {
  const { text } = cursor;
  let quote = text.indexOf('"', at + 1);
  let from = at + 1;
  while (quote >= 0) {
    if (cursor.specialAt < from) cursor.specialAt = findSpecial(text, from);
    if (cursor.specialAt > quote) return quote + 1;
    from = scanEscape(cursor, cursor.specialAt, depth);
    if (from < 0) return from;
    if (quote < from) quote = text.indexOf('"', from);
  }
  return refuseText(cursor, text.length, 'the quote that ends the string');
}

function findSpecial(text: string, from: number): number {
  SPECIAL.lastIndex = from;
  return SPECIAL.test(text) ? SPECIAL.lastIndex - 1 : text.length;
}

function scanEscape(cursor: Cursor, at: number, depth: number): number {
  if (cursor.text.charCodeAt(at) !== BACKSLASH) return refuseText(cursor, at, 'control characters to be escaped');
  cursor.escapeAt = at;
  const letter = cursor.text.charAt(at + 1);
  if (letter === 'u') return scanUnicodeEscape(cursor, at, depth);
  return SIMPLE_ESCAPES.has(letter) ? at + 2 : refuseText(cursor, at, 'a valid escape sequence');
}

function scanUnicodeEscape(cursor: Cursor, at: number, depth: number): number {
  const code = escapedCode(cursor.text, at);
  if (code === undefined) return refuseText(cursor, at, 'four hexadecimal digits after \\u');
  if (code === 0) addFault(cursor, depth, 'contains the character NUL (\\u0000)');
  if (code < 0xd800 || code > 0xdfff) return at + 6;
  const next = cursor.text.startsWith('\\u', at + 6) ? escapedCode(cursor.text, at + 6) : undefined;
  const isPair = code < 0xdc00 && next !== undefined && next >= 0xdc00 && next <= 0xdfff;
  if (isPair) return at + 12;
  addFault(cursor, depth, `contains half a surrogate pair (\\u${code.toString(16)})`);
  return at + 6;
}

/** The code unit that the `\uXXXX` at `at` stands for, `undefined` when it lacks its digits. */
function escapedCode(text: string, at: number): number | undefined {
  const digits = text.slice(at + 2, at + 6);
  return HEX4.test(digits) ? parseInt(digits, 16) : undefined;
}
