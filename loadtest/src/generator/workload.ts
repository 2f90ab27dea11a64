/**
 * What is posted. Each data object carries run and seq, which the endpoint's template (or, for methods with a body, the
 * object itself) brings to the sink; the rest is ad-tech's usual, some 110 bytes, with characters that have to be encoded.
 */
import { LASTING, SINK_DOMAIN } from '../sink/names.js';
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
  /** Length of each data object, reached by a member of spaces that no template names; not shorter than without. */
  readonly objectBytes?: number | null;
  /** Tells this endpoint from others of the run. */
  readonly endpoint?: number | undefined;
}

export function createBodyBuilder(spec: WorkloadSpec): BodyBuilder {
  const { run, method, data, sinkUrl, delivery, endpoint: number } = spec;
  const query = WITH_BODY.includes(method) ? '' : '?run={run}&seq={seq}&title={mascot}&image={location}';
  const endpoint = JSON.stringify({
    method,
    url: `${sinkUrl}/postback/${run}${number === undefined ? '' : `/${number}`}${query}`,
  });
  const settings = delivery === undefined ? '' : `"delivery":${JSON.stringify(delivery)},`;
  const head = `{"endpoint":${endpoint},${settings}"data":[`;
  const before = `{"run":"${run}","seq":`;
  const after = `,${FIELDS}${padding(before.length, spec.objectBytes)}}`;
  return (firstSeq) => {
    let body = head + before + firstSeq + after;
    for (let index = 1; index < data; index++) body += ',' + before + (firstSeq + index) + after;
    return body + ']}';
  };
}

/** `seqless`: characters of the object before its seq. */
function padding(seqless: number, objectBytes: number | null | undefined): string {
  const missing =
    (objectBytes ?? 0) - seqless - SEQ_DIGITS - Buffer.byteLength(FIELDS) - ',}'.length - ',"more":""'.length;
  return missing < 0 ? '' : `,"more":"${' '.repeat(missing)}"`;
}

/** What a seq takes at most in a run of a million. */
const SEQ_DIGITS = 6;

/** Bodies for several endpoints, request by request in turn, on several hosts. */
export function createTurns(
  spec: WorkloadSpec,
  { endpoints, hosts }: { endpoints: number; hosts: number },
): BodyBuilder {
  const distinct = Math.max(endpoints, hosts);
  if (distinct === 1) return createBodyBuilder(spec);
  const builders = new Map<number, BodyBuilder>();
  const builderOf = (turn: number): BodyBuilder => {
    const known = builders.get(turn);
    if (known) return known;
    const made = createBodyBuilder({
      ...spec,
      sinkUrl: hostUrl(spec.sinkUrl, turn % hosts, hosts),
      endpoint: turn % endpoints,
    });
    builders.set(turn, made);
    return made;
  };
  return (firstSeq) => builderOf((firstSeq / spec.data) % distinct)(firstSeq);
}

function hostUrl(sinkUrl: string, index: number, hosts: number): string {
  if (hosts === 1) return sinkUrl;
  const url = new URL(sinkUrl);
  url.hostname = `host-${index}.${LASTING}.${SINK_DOMAIN}`;
  return url.origin;
}
