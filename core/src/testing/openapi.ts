/**
 * Holds answers against docs/openapi.yaml. Stricter than a client has to be: an answer may have no member, status or media type that
 * the description lacks, so that the description cannot fall behind.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import { parse } from 'yaml';

export interface GivenAnswer {
  readonly method: string;
  /** With or without its query. */
  readonly path: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, number | string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface Description {
  /** What the answer has that is not described, or lacks that is; empty when it conforms. */
  readonly answerFaults: (answer: GivenAnswer) => string[];
  /** Judges a value by a schema of `components.schemas`. */
  readonly fits: (schema: string, value: unknown) => boolean;
}

interface Operation {
  readonly responses: Readonly<Record<string, unknown>>;
}

interface DescribedResponse {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const FILE = join(__dirname, '..', '..', '..', 'docs', 'openapi.yaml');
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const PROBLEM = '#/components/schemas/Problem';

export function readDescription(): unknown {
  return parse(readFileSync(FILE, 'utf8'), { merge: true });
}

export function openDescription(document: unknown = readDescription()): Description {
  const closed = closeObjects(document) as Document;
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { 'date-time': RFC3339 } });
  ajv.addSchema({ ...closed, $id: 'openapi' });
  const compiled = new Map<unknown, ValidateFunction>();
  const validatorOf = (schema: unknown) => {
    const known = compiled.get(schema) ?? ajv.compile(based(schema) as object);
    compiled.set(schema, known);
    return known;
  };
  const schemaFaults = (schema: unknown, value: unknown): string[] => {
    const validate = validatorOf(schema);
    return validate(value)
      ? []
      : (validate.errors ?? []).map((error) => `${error.instancePath || 'it'} ${wordsOf(error)}`);
  };
  const bodyFaults = ({ content }: DescribedResponse, answer: GivenAnswer): string[] => {
    const type = mediaTypeOf(answer);
    const described = content?.[type];
    if (!described) return content || answer.body !== '' ? [`the media type ${type || '(none)'} is not described`] : [];
    if (answer.method === 'HEAD') return [];
    return schemaFaults(described.schema, type.endsWith('json') ? parseJson(answer.body) : answer.body);
  };
  const headerFaults = ({ headers = {} }: DescribedResponse, answer: GivenAnswer): string[] =>
    Object.entries(headers).flatMap(([name, given]) => {
      const header = follow(closed, given) as { required?: boolean; schema?: unknown };
      const value = answer.headers[name.toLowerCase()];
      if (value === undefined) return header.required ? [`the header ${name} is missing`] : [];
      return schemaFaults(header.schema ?? {}, String(value)).map((fault) => `header ${name}: ${fault}`);
    });
  /** Of an address that is not described: whoever may not come in does not learn that, browsers are sent to the login page. */
  const missFaults = (answer: GivenAnswer): string[] =>
    answer.status === 303
      ? []
      : bodyFaults({ content: { 'application/problem+json': { schema: { $ref: PROBLEM } } } }, answer);
  return {
    fits: (schema, value) => schemaFaults({ $ref: `#/components/schemas/${schema}` }, value).length === 0,
    answerFaults: (answer) => {
      const place = `${answer.method} ${answer.path} ${answer.status}`;
      const found = findOperation(closed, answer);
      const missing = { nowhere: [303, 401, 403, 404], 'other-method': [303, 401, 403, 404, 405] };
      if (typeof found === 'string') {
        const isMiss = missing[found].includes(answer.status);
        const faults = isMiss ? missFaults(answer) : ['neither is this address described, nor said to be missing'];
        return faults.map((fault) => `${place}: ${fault}`);
      }
      const given = found.responses[String(answer.status)];
      if (!given) return [`${place}: the status is not described`];
      const response = follow(closed, given) as DescribedResponse;
      const faults = [...headerFaults(response, answer), ...bodyFaults(response, answer), ...statusFaults(answer)];
      return faults.map((fault) => `${place}: ${fault}`);
    },
  };
}

function findOperation({ paths }: Document, { method, path }: GivenAnswer): Operation | 'nowhere' | 'other-method' {
  const [plain = ''] = path.split('?');
  const fitting = Object.keys(paths).filter((template) => patternOf(template).test(plain));
  const item = paths[fitting.find((template) => template === plain) ?? fitting[0] ?? ''];
  if (!item) return 'nowhere';
  return item[method === 'HEAD' ? 'get' : method.toLowerCase()] ?? 'other-method';
}

function patternOf(template: string): RegExp {
  const literals = template.split(/\{[^}]*\}/).map((literal) => literal.replaceAll(/[.+*?^$()[\]|\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('[^/]+')}$`);
}

/** A problem repeats the status of its answer (RFC 9457, 3.1.2). */
function statusFaults(answer: GivenAnswer): string[] {
  if (mediaTypeOf(answer) !== 'application/problem+json') return [];
  const { status } = Object(parseJson(answer.body)) as { status?: unknown };
  return status === answer.status ? [] : [`the body speaks of status ${String(status)}`];
}

function mediaTypeOf({ headers }: GivenAnswer): string {
  const [type = ''] = String(headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase();
}

/** Undefined, which no schema takes, when it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function follow(document: unknown, value: unknown): unknown {
  const { $ref } = Object(value) as { $ref?: unknown };
  if (typeof $ref !== 'string') return value;
  const names = $ref.slice(2).split('/');
  return names.reduce((at, name) => (Object(at) as Record<string, unknown>)[name], document);
}

/** Objects that leave open which members they have, except where they say so. */
function closeObjects(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closeObjects);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closeObjects(member)]));
  const isObject = [members['type']].flat().includes('object');
  const isOpen = isObject && 'properties' in members && !('additionalProperties' in members);
  return isOpen ? { ...members, additionalProperties: false } : members;
}

/** References to the document, from schemas outside of it. */
function based(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(based);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === '$ref' ? `openapi${String(member)}` : based(member)]),
  );
}

function wordsOf({ message = 'is wrong', params }: { message?: string; params: object }): string {
  const { additionalProperty } = params as { additionalProperty?: string };
  return additionalProperty === undefined ? message : `has ${additionalProperty}, which is not described`;
}
