/**
 * Random requests, as JSON texts, for ingest to judge: sound ones, whose arrival can be foretold, and ones that are broken in every
 * way that comes to mind. All URLs are those of our own endpoint.
 */
import fc from 'fast-check';
import type { Received } from '@postback/core/testing/endpointServer';

export interface RandomDocument {
  readonly text: string;
  /** By data object: whether what arrived is what was sent. Only for documents that are built to be taken. */
  readonly fits?: readonly ((received: Received) => boolean)[];
}

/** One value of a data object: its JSON text, and the text that it stands for in a template. */
interface Value {
  readonly json: string;
  readonly text: string;
}

interface Kind {
  readonly endpoint: (origin: string) => object;
  readonly fits: (received: Received, value: Value | undefined, data: string) => boolean;
}

const textOf = (value: Value | undefined) => value?.text ?? '';
const jsonHeaders = { 'Content-Type': 'application/json' };
const formHeaders = { 'Content-Type': 'application/x-www-form-urlencoded' };

const KINDS: readonly Kind[] = [
  {
    endpoint: (origin) => ({ method: 'GET', url: `${origin}/q?p={a}&z=1` }),
    fits: ({ url }, value) => new URLSearchParams(url.split('?')[1]).get('p') === textOf(value),
  },
  {
    endpoint: (origin) => ({ method: 'DELETE', url: `${origin}/s/x{a}/t` }),
    fits: ({ url }, value) => {
      const segments = url.split('/');
      return segments.length === 4 && decodeURIComponent(segments[2] ?? '') === `x${textOf(value)}`;
    },
  },
  {
    endpoint: (origin) => ({ method: 'POST', url: `${origin}/d` }),
    fits: ({ body }, _value, data) => body === data,
  },
  {
    endpoint: (origin) => ({
      method: 'PATCH',
      url: `${origin}/j`,
      headers: jsonHeaders,
      body: '{"v":{a},"s":"<{a}>"}',
    }),
    fits: ({ body }, value) => {
      const raw = value === undefined || value.json === 'null' ? '""' : value.json;
      const parsed = JSON.parse(body) as { s: string };
      return body.startsWith(`{"v":${raw},"s":"`) && parsed.s === `<${textOf(value)}>`;
    },
  },
  {
    endpoint: (origin) => ({ method: 'PUT', url: `${origin}/f`, headers: formHeaders, body: 'v={a}&w=1' }),
    fits: ({ body }, value) => new URLSearchParams(body).get('v') === textOf(value),
  },
  {
    endpoint: (origin) => ({ method: 'GET', url: `${origin}/h`, headers: { 'X-V': '<{a}>' } }),
    fits: ({ headers }, value) => headers['x-v'] === `<${textOf(value)}>`,
  },
];

const numberText = fc.oneof(
  fc.constantFrom('0', '-0', '1.0', '0.1000', '1e400', '1E+2', '-1e-7', '12345678901234567890', '9007199254740993'),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
const number: fc.Arbitrary<Value> = numberText.map((json) => ({ json, text: json }));
const word: fc.Arbitrary<Value> = fc.constantFrom('true', 'false').map((json) => ({ json, text: json }));
const nothing: fc.Arbitrary<Value> = fc.constant({ json: 'null', text: '' });
const characters = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(...'{}/?#&%+"\\ .\t\n<é😀'), maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const plainString: fc.Arbitrary<Value> = characters.map((text) => ({ json: JSON.stringify(text), text }));
/** The same text, each character written as an escape. */
const escapedString: fc.Arbitrary<Value> = characters.map((text) => ({
  json: `"${[...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`,
  text,
}));
const nested: fc.Arbitrary<Value> = fc
  .oneof(fc.array(fc.jsonValue({ maxDepth: 3 })), fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })))
  .chain((value) => fc.constantFrom(0, 1, 4).map((indent) => JSON.stringify(value, null, indent)))
  .map((json) => ({ json, text: json }));
const value = fc.oneof(number, word, nothing, plainString, escapedString, nested);

const space = fc.constantFrom('', ' ', '\n  ', '\t');

interface DataObject {
  readonly json: string;
  readonly a: Value | undefined;
}

const dataObject: fc.Arbitrary<DataObject> = fc
  .tuple(fc.option(value, { nil: undefined, freq: 10 }), fc.uniqueArray(fc.string(), { maxLength: 3 }), value, space)
  .map(([a, names, other, gap]) => {
    const members = names
      .filter((name) => name !== 'a')
      .map((name) => `${JSON.stringify(name)}${gap}:${gap}${other.json}`);
    const all = a === undefined ? members : [...members, `"a"${gap}:${a.json}`];
    return { json: `{${gap}${all.join(`${gap},`)}${gap}}`, a };
  });

const soundDocument = (origin: string): fc.Arbitrary<RandomDocument> =>
  fc
    .tuple(fc.constantFrom(...KINDS), fc.array(dataObject, { minLength: 1, maxLength: 3 }), space)
    .map(([kind, data, gap]) => {
      const objects = data.map(({ json }) => json).join(`${gap},`);
      return {
        text: `${gap}{"endpoint":${gap}${JSON.stringify(kind.endpoint(origin))},${gap}"data":[${objects}${gap}]}${gap}`,
        fits: data.map(
          ({ a, json }) =>
            (received) =>
              kind.fits(received, a, json),
        ),
      };
    });

/** One character too few, too many or another one: often still a request, and then any answer below 500 is fine. */
const brokenDocument = (origin: string): fc.Arbitrary<RandomDocument> =>
  fc
    .tuple(
      soundDocument(origin),
      fc.nat(),
      fc.constantFrom('', '{', '}', '"', '\\', ',', '0', '\u0000', '\\ud800', 'é', ']'),
      fc.boolean(),
    )
    .map(([{ text }, nat, insert, isReplaced]) => {
      const at = text.indexOf('"data"') + (nat % (text.length - text.indexOf('"data"')));
      return { text: text.slice(0, at) + insert + text.slice(at + (isReplaced ? 1 : 0)) };
    });

/** The right members with anything in them; no endpoint among them is one, so nothing is ever called. */
const shapelessDocument = (origin: string): fc.Arbitrary<RandomDocument> => {
  const anything = fc.jsonValue({ maxDepth: 4 });
  const endpoint = fc.record(
    {
      method: fc.oneof(fc.constantFrom('GET', 'get', 'HEAD', ''), anything),
      url: fc.constantFrom('', 'ftp://x', `${origin}/{+a}`, `${origin}/{a`, `{a}://x`, 7, null, `${origin}/`),
      headers: fc.oneof(anything, fc.dictionary(fc.string(), anything)),
      body: anything,
      defaults: anything,
      unmatched: fc.oneof(fc.constantFrom('omit', 'reject'), anything),
      success: fc.oneof(fc.constant(['2xx']), anything),
      timeout: anything,
    },
    { requiredKeys: [] },
  );
  const delivery = fc.record(
    { delaySeconds: anything, ttlSeconds: anything, retry: anything, reference: fc.oneof(fc.string(), anything) },
    { requiredKeys: [] },
  );
  return fc
    .record(
      {
        endpoint: fc.oneof(endpoint, anything),
        data: fc.oneof(anything, fc.array(anything), fc.array(fc.dictionary(fc.string(), anything))),
        delivery: fc.oneof(delivery, anything),
        [`x`]: anything,
      },
      { requiredKeys: ['endpoint', 'data', 'x'] },
    )
    .map((document) => ({ text: JSON.stringify(document) }));
};

const anyDocument: fc.Arbitrary<RandomDocument> = fc.oneof(fc.json(), fc.string()).map((text) => ({ text }));
const deepDocument: fc.Arbitrary<RandomDocument> = fc
  .integer({ min: 28, max: 3_000 })
  .map((depth) => ({ text: `{"endpoint":{},"data":[{"a":${'['.repeat(depth)}${']'.repeat(depth)}}]}` }));

export function randomDocuments(origin: string, count: number, seed: number): RandomDocument[] {
  const document = fc.oneof(
    { arbitrary: soundDocument(origin), weight: 10 },
    { arbitrary: brokenDocument(origin), weight: 5 },
    { arbitrary: shapelessDocument(origin), weight: 4 },
    { arbitrary: anyDocument, weight: 2 },
    { arbitrary: deepDocument, weight: 1 },
  );
  return fc.sample(document, { numRuns: count, seed });
}
