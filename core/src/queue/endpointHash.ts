/** The name under which an endpoint is stored: the same text has the same name, whoever stores it. */
import { createHash } from 'node:crypto';

/** 128 bits of SHA-256: two endpoints never share a name. */
const HASH_CHARACTERS = 22;

export function hashEndpoint(json: string): string {
  return createHash('sha256').update(json).digest('base64url').slice(0, HASH_CHARACTERS);
}
