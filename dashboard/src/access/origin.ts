/** Does a request come from our own page, or was a browser sent here by somebody else's? Pure. */
import { isIP } from 'node:net';

export interface OriginHeaders {
  readonly 'sec-fetch-site'?: string | string[] | undefined;
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}

/**
 * For changes. Browsers say where a request comes from (Sec-Fetch-Site, older ones Origin); what says neither is no browser.
 * `none` is what the user typed.
 */
export function isOwnOrigin(headers: OriginHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  if (headers.origin === undefined) return true;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host?.toLowerCase();
}

/**
 * While everyone may come in: a page whose name was made to point at this machine (DNS rebinding) counts as own origin in a browser.
 * Its name has a dot; addresses, localhost and the names in a container network are what others call us.
 */
export function isLocalName(host: string | undefined): boolean {
  const name = (host ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return isIP(name) !== 0 || !name.includes('.') || name.endsWith('.localhost');
}
