/** The endpoint that a dead letter is sent to again: its own, or with another URL or headers, for a partner that moved. Pure. */
import { readMembers } from '@postback/core/json/members';
import type { ProblemFault } from '@postback/core/problem';
import type { DeadLetter } from '@postback/core/queue/deadLetter';
import { compileEndpoint } from '@postback/core/template/compileEndpoint';

export interface Replacement {
  readonly url?: string;
  /** All headers of the endpoint, not only those to be changed. */
  readonly headers?: Readonly<Record<string, unknown>>;
}

export type NewEndpoint =
  | { readonly kind: 'ok'; readonly endpointJson: string }
  /** There is nothing that could be sent. */
  | { readonly kind: 'lost'; readonly detail: string }
  | { readonly kind: 'faults'; readonly faults: readonly ProblemFault[] };

const MEMBERS = new Set(['method', 'url', 'headers', 'body', 'defaults', 'unmatched', 'success']);
const SETTINGS = { defaultValue: '', maxUrlBytes: 8 * 1024 };

/** What is not replaced stays as the client wrote it, digit for digit. */
export function replaceEndpoint({ endpointJson, reason }: DeadLetter, replacement: Replacement): NewEndpoint {
  if (endpointJson === null) return { kind: 'lost', detail: 'its endpoint is not known' };
  if (reason === 'unreadable') return { kind: 'lost', detail: 'the entry could not be read' };
  if (replacement.url === undefined && replacement.headers === undefined) return { kind: 'ok', endpointJson };
  const members = readMembers(endpointJson, MEMBERS);
  if (replacement.url !== undefined) members.set('url', JSON.stringify(replacement.url));
  if (replacement.headers !== undefined) members.set('headers', JSON.stringify(replacement.headers));
  const replaced = `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
  const compiled = compileEndpoint(replaced, SETTINGS);
  return compiled.kind === 'ok' ? { kind: 'ok', endpointJson: replaced } : compiled;
}
