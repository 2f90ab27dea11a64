/**
 * What is posted. Each data object carries run and seq, which the endpoint's template (or, for methods with a body, the
 * object itself) brings to the sink; the rest is ad-tech's usual, some 110 bytes, with characters that have to be encoded.
 */
import type { Method } from './optionKinds.js';

/** Makes the body of the request whose postbacks start at `firstSeq`. */
export type BodyBuilder = (firstSeq: number) => string;

const WITH_BODY: readonly Method[] = ['POST', 'PUT', 'PATCH'];
const FIELDS = '"mascot":"Gopher & é","location":"https://blog.golang.org/gopher.png","price":1.10';

export interface WorkloadSpec {
  readonly run: string;
  readonly method: Method;
  /** Postbacks per request. */
  readonly data: number;
  /** Base URL of the destination. */
  readonly sinkUrl: string;
  /** The `delivery` member of each request, if there is one. */
  readonly delivery?: Readonly<Record<string, unknown>> | undefined;
}

export function createBodyBuilder({ run, method, data, sinkUrl, delivery }: WorkloadSpec): BodyBuilder {
  const query = WITH_BODY.includes(method) ? '' : '?run={run}&seq={seq}&title={mascot}&image={location}';
  const endpoint = JSON.stringify({ method, url: `${sinkUrl}/postback/${run}${query}` });
  const settings = delivery === undefined ? '' : `"delivery":${JSON.stringify(delivery)},`;
  const head = `{"endpoint":${endpoint},${settings}"data":[`;
  const before = `{"run":"${run}","seq":`;
  const after = `,${FIELDS}}`;
  return (firstSeq) => {
    let body = head + before + firstSeq + after;
    for (let index = 1; index < data; index++) body += ',' + before + (firstSeq + index) + after;
    return body + ']}';
  };
}
