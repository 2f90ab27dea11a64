/** Signing secrets from their text: `whsec_<base64>`, one, or two while they are exchanged. Pure. */
import { createSecretKey, type KeyObject } from 'node:crypto';

const PREFIX = 'whsec_';
/** What Standard Webhooks asks for. */
const MIN_BYTES = 24;
const MAX_BYTES = 64;
const MAX_KEYS = 2;

/**
 * By commas or line by line, the newest first.
 * @throws Error saying which one is wrong, never what it is
 */
export function parseSigningSecrets(text: string): readonly KeyObject[] {
  const secrets = text.split(/[\s,]+/).filter((secret) => secret !== '');
  if (secrets.length > MAX_KEYS) throw new Error(`expected at most ${MAX_KEYS} secrets, got ${secrets.length}`);
  if (new Set(secrets).size < secrets.length) throw new Error('both secrets are the same');
  return secrets.map((secret, index) => createSecretKey(decode(secret, index)));
}

function decode(secret: string, index: number): Buffer {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  const bytes = Buffer.from(encoded, 'base64');
  const isBase64 = encoded !== '' && unpadded(bytes.toString('base64')) === unpadded(encoded);
  if (!isBase64) throw new Error(`secret ${index + 1}: expected ${PREFIX} and base64`);
  if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
    throw new Error(`secret ${index + 1}: expected ${MIN_BYTES} to ${MAX_BYTES} bytes, got ${bytes.length}`);
  }
  return bytes;
}

function unpadded(base64: string): string {
  return base64.replace(/=+$/, '');
}
