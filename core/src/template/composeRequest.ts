/**
 * A postback as it goes over the wire: the rendered endpoint, and the headers that identify the postback. Delivery sends it and
 * ingest previews it, so that what was shown is what arrives. What is only known at an attempt, secrets and signatures, is
 * added there.
 */
import type { CompiledEndpoint, Method } from './compileEndpoint.js';

export interface ComposedRequest {
  readonly method: Method;
  /** scheme://host:port, always with the port. */
  readonly destination: string;
  /** Path and query, percent-encoded. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export type Composed =
  /** `url` is the whole, without credentials, for people to read. */
  | { readonly kind: 'ok'; readonly request: ComposedRequest; readonly url: string }
  | { readonly kind: 'unrenderable'; readonly detail: string };

const USER_AGENT = 'Postback-Delivery/1';

/** `data`: a data object as it was scanned; `attempt` counts from 1. */
export function composeRequest(
  endpoint: CompiledEndpoint,
  { id, attempt, data }: { readonly id: string; readonly attempt: number; readonly data: string },
): Composed {
  const rendered = endpoint.render(data);
  if (rendered.kind === 'faults') {
    return { kind: 'unrenderable', detail: rendered.faults.map((fault) => fault.detail).join('; ') };
  }
  const headers: Record<string, string> = { 'user-agent': USER_AGENT, accept: '*/*' };
  for (const [name, value] of Object.entries(rendered.headers)) headers[name.toLowerCase()] = value;
  headers['postback-id'] = id;
  headers['postback-attempt'] = String(attempt);
  if (endpoint.basicAuth !== undefined) headers['authorization'] = endpoint.basicAuth;
  const { url, path, body } = rendered;
  const { method, destination } = endpoint;
  return { kind: 'ok', request: { method, destination, path, headers, body }, url };
}
