/** One attempt as it goes over the wire: the rendered endpoint, and the headers that identify the postback. Pure. */
import type { Postback } from '@postback/core/queue/entry';
import type { CompiledEndpoint } from '@postback/core/template/compileEndpoint';
import type { OutgoingRequest } from './http/client.js';

export type BuiltRequest =
  /** `url` is the whole, without credentials, for people to read. */
  | { readonly kind: 'ok'; readonly request: OutgoingRequest; readonly url: string }
  | { readonly kind: 'unrenderable'; readonly detail: string };

const USER_AGENT = 'Postback-Delivery/1';

export function buildRequest(endpoint: CompiledEndpoint, postback: Postback): BuiltRequest {
  const rendered = endpoint.render(postback.data);
  if (rendered.kind === 'faults') {
    return { kind: 'unrenderable', detail: rendered.faults.map((fault) => fault.detail).join('; ') };
  }
  const headers: Record<string, string> = { 'user-agent': USER_AGENT, accept: '*/*' };
  for (const [name, value] of Object.entries(rendered.headers)) headers[name.toLowerCase()] = value;
  headers['postback-id'] = postback.id;
  headers['postback-attempt'] = String(postback.attemptsMade + 1);
  if (endpoint.basicAuth !== undefined) headers['authorization'] = endpoint.basicAuth;
  const { url, path, body } = rendered;
  const { method, destination } = endpoint;
  return { kind: 'ok', request: { method, destination, path, headers, body }, url };
}
