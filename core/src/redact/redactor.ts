/**
 * What people may read of a request and its answer: secrets are known by the names of their parameters, headers and fields (REDACT).
 * What is stored for sending is never touched. Compiled once; a URL without a query and a text without such a name cost nothing.
 */
import { redactJsonText } from './jsonText.js';
import { ENCODED_NAME, redactParameters } from './parameters.js';
import { compileSecretNames } from './secretNames.js';

export interface Redactor {
  readonly isSecret: (name: string) => boolean;
  /** A URL or a template of one: without credentials, the values of secret parameters hidden. */
  url(url: string): string;
  /** A body, an answer or a data object: JSON and forms; another text is left as it is. It may have been cut off. */
  text(text: string): string;
  /** Header values by their names; those that are no text stay. */
  headers(headers: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

export const HIDDEN = '***';

const CREDENTIALS = /^(https?:\/\/)[^/?#]*@/i;
const JSON_BEGIN = /^\s*[{["]/;
const FORM_BEGIN = /^[^\s=&<{["]+=/;
/** A name may be written with escapes: then it is not seen before it is read. */
const ESCAPED = '\\u';

export function createRedactor(globs: readonly string[]): Redactor {
  const { has: isSecret, mayOccurIn } = compileSecretNames(globs);

  function parameters(text: string): string {
    return mayOccurIn(text) || ENCODED_NAME.test(text) ? redactParameters(text, isSecret) : text;
  }

  return {
    isSecret,
    url: (url) => {
      const plain = url.includes('@') ? url.replace(CREDENTIALS, '$1') : url;
      const question = plain.indexOf('?');
      if (question < 0) return plain;
      return plain.slice(0, question + 1) + parameters(plain.slice(question + 1));
    },
    text: (text) => {
      if (JSON_BEGIN.test(text)) {
        return mayOccurIn(text) || text.includes(ESCAPED) ? redactJsonText(text, isSecret) : text;
      }
      return FORM_BEGIN.test(text) ? parameters(text) : text;
    },
    headers: (headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          isSecret(name) && typeof value === 'string' ? HIDDEN : value,
        ]),
      ),
  };
}
