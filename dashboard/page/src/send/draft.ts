/** What was typed into the form, and the request it makes. Pure. */
import { readHeaders } from '../dead/replacement.js';

export interface Draft {
  readonly method: string;
  readonly url: string;
  /** A header per line, `Name: value`. */
  readonly headers: string;
  /** Empty: by the method. */
  readonly body: string;
  readonly reference: string;
  readonly delaySeconds: string;
  /** JSON text: a list of objects. */
  readonly data: string;
  readonly apiKey: string;
}

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export const emptyDraft: Draft = {
  method: 'GET',
  url: '',
  headers: '',
  body: '',
  reference: '',
  delaySeconds: '',
  data: '[\n  { "mascot": "Gopher", "location": "https://blog.golang.org/gopher/gopher.png" }\n]',
  apiKey: '',
};

/**
 * The body of POST /ingest. The data stands in it letter for letter, as it was typed: read and written again, large numbers would
 * change. Whether it is right is for the server to say.
 * @throws Error when a line is no header
 */
export function requestOf({ method, url, headers, body, reference, delaySeconds, data }: Draft): string {
  const endpoint = {
    method,
    url,
    ...(headers.trim() === '' ? {} : { headers: readHeaders(headers) }),
    ...(body === '' ? {} : { body }),
  };
  const delivery = {
    ...(delaySeconds.trim() === '' ? {} : { delaySeconds: Number(delaySeconds) }),
    ...(reference === '' ? {} : { reference }),
  };
  const settings = Object.keys(delivery).length === 0 ? '' : `,"delivery":${JSON.stringify(delivery)}`;
  return `{"endpoint":${JSON.stringify(endpoint)}${settings},"data":${data.trim() || '[]'}}`;
}

/** The same by hand, to be pasted into a shell. */
export function curlOf(draft: Draft, origin: string): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const key = draft.apiKey === '' ? '' : ` -H "Authorization: Bearer $INGEST_API_KEY"`;
  return `curl -s ${origin}/ingest -H 'Content-Type: application/json'${key} -d ${quote(requestOf(draft))}`;
}
