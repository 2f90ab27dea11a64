/**
 * Reads single members of an object that `scanRequest` has already checked, as the JSON text they were sent as.
 * On a text that is no JSON the answer is of no use, but there is one: nothing here throws or runs forever.
 */
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  SPACE,
} from './characters.js';

/** The wanted top-level members of `object`: unescaped key → JSON text of the value, without whitespace around it. */
export function readMembers(object: string, wanted: ReadonlySet<string>): Map<string, string> {
  const members = new Map<string, string>();
  let at = skipSpace(object, 0);
  if (object.charCodeAt(at) !== OPEN_BRACE) return members;
  at = skipSpace(object, at + 1);
  while (object.charCodeAt(at) === QUOTE && members.size < wanted.size) {
    const keyEnd = skipString(object, at);
    const value = skipSpace(object, skipSpace(object, keyEnd) + 1);
    const end = skipValue(object, value);
    const key = readString(object.slice(at, keyEnd));
    if (wanted.has(key)) members.set(key, object.slice(value, end));
    at = skipSpace(object, skipSpace(object, end) + 1);
  }
  return members;
}

/**
 * The text that a value stands for in a template: a string unescaped; numbers, booleans, objects and arrays as their JSON
 * text, exactly as sent. `null` for null, which counts as a value that is not there.
 */
export function jsonToText(raw: string): string | null {
  if (raw.charCodeAt(0) === QUOTE) return readString(raw);
  return raw === 'null' ? null : raw;
}

function readString(raw: string): string {
  return raw.includes('\\') ? unescapeString(raw) : raw.slice(1, -1);
}

function unescapeString(raw: string): string {
  try {
    return JSON.parse(raw) as string;
  } catch {
    return raw;
  }
}

function skipValue(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === QUOTE) return skipString(text, at);
  if (code === OPEN_BRACE || code === OPEN_BRACKET) return skipContainer(text, at);
  return skipScalar(text, at);
}

/** A number, true, false or null ends before the first `,` `}` `]` or whitespace. */
function skipScalar(text: string, at: number): number {
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || code <= SPACE) return i;
  }
  return text.length;
}

function skipContainer(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length;) {
    const code = text.charCodeAt(i);
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
    if (depth === 0) return i + 1;
    i = code === QUOTE ? skipString(text, i) : i + 1;
  }
  return text.length;
}

/** The position behind the string whose opening quote stands at `at`. */
function skipString(text: string, at: number): number {
  let quote = text.indexOf('"', at + 1);
  while (quote >= 0 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote < 0 ? text.length : quote + 1;
}

/** A character is escaped when an odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}
