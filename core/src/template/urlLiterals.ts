/**
 * The literal text of a URL template. It goes out as written, with two exceptions that make the rendered URL one that no
 * URL parser reads differently: characters no URL may hold (RFC 3986) are percent-encoded once, when the template is
 * compiled, and characters that parsers drop or reinterpret are refused.
 */
import type { TemplatePart } from './parseTemplate.js';
import { percentEncode } from './percentEncode.js';

const CONTROL_OR_BACKSLASH = /[\\\u0000-\u001f\u007f]/;
const BROKEN_TRIPLET = /%(?![0-9a-fA-F]{2})/;
const NOT_OF_A_URL = /[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+/g;

/** What is wrong with a literal, `undefined` if nothing. A `%` must be complete: `%2{x}` could become any character. */
export function urlLiteralFault(text: string, position: number): string | undefined {
  const refused = CONTROL_OR_BACKSLASH.exec(text);
  if (refused) return `control characters and backslashes are refused, at character ${position + refused.index}`;
  const broken = BROKEN_TRIPLET.exec(text);
  if (broken) return `"%" needs two hexadecimal digits behind it (write %25), at character ${position + broken.index}`;
  const fragment = text.indexOf('#');
  if (fragment >= 0) return `a fragment is never sent, so it is refused, at character ${position + fragment}`;
  return undefined;
}

/** In a query the apostrophe is encoded as well, because URL parsers do so (WHATWG URL, "special-query percent-encode set"). */
export function encodeUrlLiterals(parts: readonly TemplatePart[], place: 'path' | 'query'): TemplatePart[] {
  return parts.map((part) => {
    if (part.kind === 'key') return part;
    const text = part.text.replace(NOT_OF_A_URL, percentEncode);
    return { ...part, text: place === 'query' ? text.replaceAll("'", '%27') : text };
  });
}
