/**
 * What is posted. Each data object carries run and seq, which the endpoint's template (or, for methods with a body, the
 * object itself) brings to the sink; the rest is ad-tech's usual, some 110 bytes, with characters that have to be encoded.
 */
import type { Method } from './optionKinds.js';

/** Makes the body of the request whose postbacks start at `firstSeq`. */
export type BodyBuilder = (firstSeq: number) => string;

const WITH_BODY: readonly Method[] = ['POST', 'PUT', 'PATCH'];
const FIELDS = '"mascot":"Gopher & é","location":"https://blog.golang.org/gopher.png","price":1.10';

export function createBodyBuilder(spec: { run: string; method: Method; data: number; sinkUrl: string }): BodyBuilder {
  const { run, method, data, sinkUrl } = spec;
  const query = WITH_BODY.includes(method) ? '' : '?run={run}&seq={seq}&title={mascot}&image={location}';
  const endpoint = JSON.stringify({ method, url: `${sinkUrl}/postback/${run}${query}` });
  const head = `{"endpoint":${endpoint},"data":[`;
  const before = `{"run":"${run}","seq":`;
  const after = `,${FIELDS}}`;
  return (firstSeq) => {
    let body = head + before + firstSeq + after;
    for (let index = 1; index < data; index++) body += ',' + before + (firstSeq + index) + after;
    return body + ']}';
  };
}
