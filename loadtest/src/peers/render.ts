/** What an application would write for itself to fill in a URL. Shared by the peers, so that they do the same job. */

const MACRO = /\{([^{}]+)\}/g;

export function fillIn(template: string, data: Readonly<Record<string, unknown>>): string {
  return template.replace(MACRO, (_whole, key: string) => encodeURIComponent(textOf(data[key])));
}

export interface PeerRequest {
  readonly endpoint: { readonly method: string; readonly url: string };
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

export function isPeerRequest(value: unknown): value is PeerRequest {
  const { endpoint, data } = Object(value) as Partial<PeerRequest>;
  return typeof endpoint?.url === 'string' && Array.isArray(data) && data.length > 0;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}
