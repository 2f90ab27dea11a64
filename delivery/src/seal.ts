/**
 * The last touch to a request before it is sent: what belongs to this attempt alone. The request before it is what is logged and
 * kept, the one after it is only ever sent.
 */
import { randomBytes, type KeyObject } from 'node:crypto';
import type { Postback } from '@postback/core/queue/entry';
import type { SecretFiles } from '@postback/core/secrets/secretFiles';
import type { CompiledEndpoint } from '@postback/core/template/compileEndpoint';
import { childOf } from '@postback/core/traceContext';
import type { OutgoingRequest } from './http/client.js';
import { signatureHeaders } from './signing/sign.js';

export interface SealDeps {
  /** The newest first; none: nothing is signed. */
  readonly signingKeys: readonly KeyObject[];
  readonly secrets: Pick<SecretFiles, 'find'>;
}

export interface SealedAttempt {
  readonly postback: Postback;
  readonly endpoint: Pick<CompiledEndpoint, 'secrets'>;
  /** Redis's clock. */
  readonly nowMs: number;
}

export type Sealed =
  | {
      readonly kind: 'ok';
      readonly request: OutgoingRequest;
      /** Name → value of the secrets in it: an answer must not be kept with them. */
      readonly secrets: ReadonlyMap<string, string>;
    }
  /** A secret is not there, or not for this host. That is ours to mend: the postback waits. */
  | { readonly kind: 'secret-missing'; readonly detail: string };

const NO_SECRETS: ReadonlyMap<string, string> = new Map();

export function seal(request: OutgoingRequest, attempt: SealedAttempt, deps: SealDeps): Sealed {
  const { postback, endpoint, nowMs } = attempt;
  const { signingKeys } = deps;
  const { traceparent, tracestate } = postback.settings ?? {};
  const isPlain = signingKeys.length === 0 && traceparent === undefined && endpoint.secrets.size === 0;
  if (isPlain) return { kind: 'ok', request, secrets: NO_SECRETS };
  const found = findSecrets(request.destination, endpoint, deps);
  if (typeof found === 'string') return { kind: 'secret-missing', detail: found };
  const headers = {
    ...(traceparent !== undefined && traceHeaders(traceparent, tracestate)),
    ...request.headers,
    ...found.headers,
    ...(signingKeys.length > 0 && signatureHeaders(signingKeys, { id: postback.id, nowMs, body: request.body })),
  };
  return { kind: 'ok', request: { ...request, headers }, secrets: found.values };
}

/** Returns a sentence when one may not be used. */
function findSecrets(destination: string, endpoint: SealedAttempt['endpoint'], { secrets }: SealDeps) {
  const headers: Record<string, string> = {};
  const values = new Map<string, string>();
  for (const [header, name] of endpoint.secrets) {
    const lookup = secrets.find(name, destination);
    if (lookup.kind === 'refused') return lookup.detail;
    headers[header.toLowerCase()] = lookup.value;
    values.set(name, lookup.value);
  }
  return { headers, values };
}

/** Each attempt is a span of its own. Headers that the endpoint itself names count more. */
function traceHeaders(traceparent: string, tracestate: string | undefined): Record<string, string> {
  const child = childOf(traceparent, randomBytes(8).toString('hex'));
  if (child === undefined) return {};
  return tracestate === undefined ? { traceparent: child } : { traceparent: child, tracestate };
}
