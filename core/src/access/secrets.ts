/**
 * Secrets that clients present. They are kept and compared as digests of one length, so that the time of a comparison tells nothing
 * about them, and no log or dump of memory shows them.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Shorter ones could be guessed; `openssl rand -hex 32` gives 64 characters. */
export const MIN_SECRET_LENGTH = 16;
const MAX_SECRET_LENGTH = 256;
/** What a bearer token may be made of (token68 of RFC 9110), less the colon-free rest of ASCII: it fits any header and any list. */
const SECRET = /^[A-Za-z0-9._~+/=-]+$/;

export interface KnownSecret {
  readonly digest: Buffer;
}

export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Compares with all of them, whatever the first ones say. */
export function findSecret<T extends KnownSecret>(presented: string, known: readonly T[]): T | undefined {
  const digest = digestOf(presented);
  let found: T | undefined;
  for (const candidate of known) {
    if (timingSafeEqual(digest, candidate.digest)) found = candidate;
  }
  return found;
}

/** The token of `Authorization: Bearer <token>`; `undefined` for anything else. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +([^ ]+) *$/i.exec(authorization ?? '')?.[1];
}

/** What is wrong with a secret, without saying it; `undefined` when nothing is. */
export function secretFault(secret: string): string | undefined {
  if (secret.length < MIN_SECRET_LENGTH) {
    return `is shorter than ${MIN_SECRET_LENGTH} characters (openssl rand -hex 32 makes a good one)`;
  }
  if (secret.length > MAX_SECRET_LENGTH) return `is longer than ${MAX_SECRET_LENGTH} characters`;
  if (!SECRET.test(secret)) return 'has characters other than letters, digits and ._~+/=-';
  return undefined;
}
