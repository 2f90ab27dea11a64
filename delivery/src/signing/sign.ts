/**
 * Signatures by Standard Webhooks (https://www.standardwebhooks.com): who knows the secret can tell that a postback is ours, is
 * whole and is new. Made at each attempt, over the bytes that are sent. Pure.
 */
import { createHmac, type KeyObject } from 'node:crypto';

export interface Signed {
  readonly id: string;
  readonly nowMs: number;
  /** `undefined` is signed as an empty one. */
  readonly body: string | undefined;
}

/** The three headers. With two keys there are two signatures, so that receivers may know either of them. */
export function signatureHeaders(keys: readonly KeyObject[], { id, nowMs, body = '' }: Signed): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signatures = keys.map((key) => {
    const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body, 'utf8');
    return `v1,${hmac.digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
