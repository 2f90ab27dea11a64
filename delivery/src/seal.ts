/**
 * The last touch to a request before it is sent: what belongs to this attempt alone. The request before it is what is logged and
 * kept, the one after it is only ever sent.
 */
import { randomBytes, type KeyObject } from 'node:crypto';
import type { Postback } from '@postback/core/queue/entry';
import { childOf } from '@postback/core/traceContext';
import type { OutgoingRequest } from './http/client.js';
import { signatureHeaders } from './signing/sign.js';

export interface SealDeps {
  /** The newest first; none: nothing is signed. */
  readonly signingKeys: readonly KeyObject[];
}

export interface SealedAttempt {
  readonly postback: Postback;
  /** Redis's clock. */
  readonly nowMs: number;
}

export function seal(request: OutgoingRequest, { postback, nowMs }: SealedAttempt, deps: SealDeps): OutgoingRequest {
  const { signingKeys } = deps;
  const { traceparent, tracestate } = postback.settings ?? {};
  if (signingKeys.length === 0 && traceparent === undefined) return request;
  const headers = {
    ...(traceparent !== undefined && traceHeaders(traceparent, tracestate)),
    ...request.headers,
    ...(signingKeys.length > 0 && signatureHeaders(signingKeys, { id: postback.id, nowMs, body: request.body })),
  };
  return { ...request, headers };
}

/** Each attempt is a span of its own. Headers that the endpoint itself names count more. */
function traceHeaders(traceparent: string, tracestate: string | undefined): Record<string, string> {
  const child = childOf(traceparent, randomBytes(8).toString('hex'));
  if (child === undefined) return {};
  return tracestate === undefined ? { traceparent: child } : { traceparent: child, tracestate };
}
