/**
 * Percent-encoding of UTF-8 (RFC 3986 section 2). Everything but the unreserved characters is encoded, `!'()*` included,
 * which encodeURIComponent leaves: what is not encoded may mean something to whoever reads the URL.
 */
const UNRESERVED = /[A-Za-z0-9\-._~]/;

/** By ASCII code: the encoded character, or '' for an unreserved one. */
const ENCODED: readonly string[] = Array.from({ length: 128 }, (_, code) => {
  const isUnreserved = UNRESERVED.test(String.fromCharCode(code));
  return isUnreserved ? '' : `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** The most characters that one UTF-16 unit of a value can become: three bytes of UTF-8. */
export const MAX_GROWTH = 9;

export function percentEncode(text: string): string {
  let out = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const encoded = code < 128 ? (ENCODED[code] as string) : undefined;
    if (encoded === '') continue;
    const end = encoded === undefined ? endOfNonAscii(text, i) : i + 1;
    out += text.slice(start, i) + (encoded ?? encodeURIComponent(text.slice(i, end).toWellFormed()));
    start = end;
    i = end - 1;
  }
  return start === 0 ? text : out + text.slice(start);
}

function endOfNonAscii(text: string, from: number): number {
  let end = from;
  while (text.charCodeAt(end) >= 128) end++;
  return end;
}
