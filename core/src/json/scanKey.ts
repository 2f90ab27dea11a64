/**
 * The keys of objects, and whether one comes twice. Keys are compared unescaped, and in linear time: the first few of an
 * object by their characters in place, which needs no memory, the rest in a Set.
 */
import { COLON, QUOTE, skipSpace } from './characters.js';
import { addFault, refuseText, type Cursor } from './cursor.js';
import { scanString } from './scanString.js';

/** From here on an object's keys go into a Set: comparing each with each takes time by the square. */
const MAX_COMPARED = 16;

/** The keys of one object. `seen` takes over from `cursor.keys` when they are many, or not plain. */
export interface Keys {
  /** Where this object's part of `cursor.keys` begins. */
  readonly base: number;
  seen: Set<string> | undefined;
}

/** Reads `"key" :` of an object whose own path is `depth` steps long; returns the position of the value. */
export function scanKey(cursor: Cursor, keys: Keys, at: number, depth: number): number {
  if (cursor.text.charCodeAt(at) !== QUOTE) return refuseText(cursor, at, 'a key in quotes');
  const end = scanString(cursor, at, depth);
  if (end < 0) return end;
  const colon = skipSpace(cursor.text, end);
  if (cursor.text.charCodeAt(colon) !== COLON) return refuseText(cursor, colon, '":"');
  cursor.path[depth] = at;
  if (isRepeated(cursor, keys, at, end)) addFault(cursor, depth + 1, 'this key comes twice in its object');
  return skipSpace(cursor.text, colon + 1);
}

function isRepeated(cursor: Cursor, keys: Keys, start: number, end: number): boolean {
  const isPlain = cursor.escapeAt < start;
  if (!keys.seen && isPlain && cursor.keyTop - keys.base < 2 * MAX_COMPARED) return isAmong(cursor, keys, start, end);
  keys.seen ??= collectKeys(cursor, keys);
  const raw = cursor.text.slice(start, end);
  const key = isPlain ? raw.slice(1, -1) : (JSON.parse(raw) as string);
  if (keys.seen.has(key)) return true;
  keys.seen.add(key);
  return false;
}

function isAmong(cursor: Cursor, keys: Keys, start: number, end: number): boolean {
  const { text, keys: positions, keyTop } = cursor;
  const length = end - start;
  for (let i = keys.base; i < keyTop; i += 2) {
    const other = positions[i] as number;
    if ((positions[i + 1] as number) - other === length && isSameText(text, start, other, length)) return true;
  }
  positions[keyTop] = start;
  positions[keyTop + 1] = end;
  cursor.keyTop = keyTop + 2;
  return false;
}

/** Whether `length` characters at both positions are equal; from the end, because similar keys often differ there. */
function isSameText(text: string, left: number, right: number, length: number): boolean {
  for (let i = length - 1; i >= 0; i--) {
    if (text.charCodeAt(left + i) !== text.charCodeAt(right + i)) return false;
  }
  return true;
}

function collectKeys(cursor: Cursor, keys: Keys): Set<string> {
  const seen = new Set<string>();
  for (let i = keys.base; i < cursor.keyTop; i += 2) {
    seen.add(cursor.text.slice((cursor.keys[i] as number) + 1, (cursor.keys[i + 1] as number) - 1));
  }
  return seen;
}
