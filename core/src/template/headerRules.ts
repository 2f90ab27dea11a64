/** Which headers an endpoint may set, and what a header may hold. */

/** RFC 9110 section 5.6.2 */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;

/** Those of the connection (RFC 9110 section 7.6.1) and those that frame the message: the delivery agent sets them. */
const REFUSED = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Ours, such as Postback-Id and Webhook-Signature: a receiver trusts them. */
const OWN_PREFIXES = ['postback-', 'webhook-'];

export function headerNameFault(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (!TOKEN.test(name) || lower === '__proto__') return 'is not a valid header name';
  const isOurs = REFUSED.has(lower) || OWN_PREFIXES.some((prefix) => lower.startsWith(prefix));
  return isOurs ? 'this header is set by the delivery agent' : undefined;
}

/** Printable Latin-1 and tabs, what Node sends without a change or an error. CR, LF and NUL would start another header. */
export function isHeaderText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isPrintable = (code >= 0x20 && code <= 0xff && code !== 0x7f) || code === 0x09;
    if (!isPrintable) return false;
  }
  return true;
}
