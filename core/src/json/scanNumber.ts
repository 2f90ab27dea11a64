/** Numbers, by the grammar of RFC 8259 section 6. Their size does not matter: they are passed on digit for digit. */
import { DOT, isDigit, MINUS, PLUS, ZERO } from './characters.js';
import { refuseText, type Cursor } from './cursor.js';

const DIGIT = 'a digit';

/** Reads the number that starts, with a minus or a digit, at `at`. */
export function scanNumber(cursor: Cursor, at: number): number {
  const { text } = cursor;
  let i = text.charCodeAt(at) === MINUS ? at + 1 : at;
  const first = text.charCodeAt(i);
  if (!isDigit(first)) return refuseText(cursor, i, DIGIT);
  i = first === ZERO ? i + 1 : skipDigits(text, i + 1);
  if (text.charCodeAt(i) === DOT) {
    if (!isDigit(text.charCodeAt(i + 1))) return refuseText(cursor, i + 1, DIGIT);
    i = skipDigits(text, i + 2);
  }
  return isExponentMark(text.charCodeAt(i)) ? scanExponent(cursor, i + 1) : i;
}

function scanExponent(cursor: Cursor, at: number): number {
  const sign = cursor.text.charCodeAt(at);
  const i = sign === PLUS || sign === MINUS ? at + 1 : at;
  if (!isDigit(cursor.text.charCodeAt(i))) return refuseText(cursor, i, DIGIT);
  return skipDigits(cursor.text, i + 1);
}

function skipDigits(text: string, at: number): number {
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

/** `e` or `E` */
function isExponentMark(code: number): boolean {
  return code === 0x65 || code === 0x45;
}
