/** Headers and bodies that are in order and lead to surprises. Pure. */
import { jsonPointer } from '@postback/core/json/pointer';
import type { CompiledEndpoint } from '@postback/core/template/compileEndpoint';
import type { Previewed, Warning } from './previewed.js';

const BODY = '/endpoint/body';

export function headerWarnings({ request: { endpoint, data }, endpoint: source }: Previewed): Warning[] {
  const rendered = endpoint.render(data[0] ?? '{}');
  if (rendered.kind === 'faults') return [];
  const names = Object.keys(rendered.headers);
  const hasBody = rendered.body !== undefined;
  const isTemplate = typeof source.body === 'string';
  return [
    ...bodyWarnings({ method: endpoint.method, hasBody, contentType: named('content-type', names), isTemplate }),
    ...answerWarnings(names),
    ...plainWarnings(endpoint, names),
  ];
}

interface BodyFacts {
  readonly method: string;
  readonly hasBody: boolean;
  readonly isTemplate: boolean;
  /** The header's name as it was written. */
  readonly contentType: string | undefined;
}

function bodyWarnings({ method, hasBody, contentType, isTemplate }: BodyFacts): Warning[] {
  const warnings: Warning[] = [];
  if (isTemplate && contentType === undefined) {
    const detail = 'has no Content-Type header: values are put in as they are, and the receiver has to guess';
    warnings.push({ pointer: BODY, detail });
  }
  if (hasBody && (method === 'GET' || method === 'DELETE')) {
    warnings.push({ pointer: BODY, detail: `many receivers ignore or refuse the body of a ${method}` });
  }
  if (contentType !== undefined && !hasBody) {
    warnings.push({ pointer: headerPointer(contentType), detail: 'there is no body that it could describe' });
  }
  return warnings;
}

function answerWarnings(names: readonly string[]): Warning[] {
  const name = named('accept-encoding', names);
  if (name === undefined) return [];
  return [
    { pointer: headerPointer(name), detail: 'answers are never decompressed: a compressed one is kept unreadable' },
  ];
}

function plainWarnings({ destination, secrets, basicAuth }: CompiledEndpoint, names: readonly string[]): Warning[] {
  if (!destination.startsWith('http:')) return [];
  const detail = 'is sent unencrypted, since the URL is not https:';
  const authorization = named('authorization', names);
  const confidential = [...secrets.keys(), ...(authorization === undefined ? [] : [authorization])];
  const warnings = confidential.map((name) => ({ pointer: headerPointer(name), detail }));
  return basicAuth === undefined
    ? warnings
    : [...warnings, { pointer: '/endpoint/url', detail: `its password ${detail}` }];
}

function named(lower: string, names: readonly string[]): string | undefined {
  return names.find((name) => name.toLowerCase() === lower);
}

function headerPointer(name: string): string {
  return jsonPointer(['endpoint', 'headers', name]);
}
