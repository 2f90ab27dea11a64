/** The Idempotency-Key header: what makes two requests the same one, so that sending again after a timeout is safe. */
import { createHash } from 'node:crypto';
import { Problem } from '@postback/core/problem';
import type { Idempotency } from '@postback/core/queue/scripts/enqueue';

/** 1 to 255 visible ASCII characters; a header sent twice arrives with a comma and a blank and does not pass. */
const KEY = /^[\x21-\x7e]{1,255}$/;

export interface KeyedRequest {
  /** The header as it came; `undefined` when there is none, which costs nothing. */
  readonly key: string | undefined;
  /** Name of the API key: clients do not see each other's keys. */
  readonly scope: string;
  readonly body: Buffer;
  readonly ttlMs: number;
}

/** @throws Problem when the key is not one */
export function readIdempotency({ key, scope, body, ttlMs }: KeyedRequest): Idempotency | undefined {
  if (key === undefined) return undefined;
  if (!KEY.test(key)) {
    throw new Problem('invalid-request', {
      detail: 'the header Idempotency-Key must be one value of 1 to 255 visible ASCII characters',
    });
  }
  return { keyHash: sha256(`${scope}\n${key}`), fingerprint: sha256(body), ttlMs };
}

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url');
}
