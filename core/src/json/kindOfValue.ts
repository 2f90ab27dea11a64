/** What to call a JSON value in a sentence such as "expected an object, got …". */
import { OPEN_BRACE, OPEN_BRACKET, QUOTE } from './characters.js';

const KINDS = new Map([
  [OPEN_BRACE, 'an object'],
  [OPEN_BRACKET, 'an array'],
  [QUOTE, 'a string'],
  ['t'.charCodeAt(0), 'true'],
  ['f'.charCodeAt(0), 'false'],
  ['n'.charCodeAt(0), 'null'],
]);

/** The kind of the value that starts at `at`. */
export function kindOfValue(text: string, at: number): string {
  return KINDS.get(text.charCodeAt(at)) ?? 'a number';
}
