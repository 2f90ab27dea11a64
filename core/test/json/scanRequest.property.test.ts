/** The oracle is JSON.parse: both accept the same texts, and the slices mean what the whole means. */
import { expect, test } from '@jest/globals';
import { scanRequest } from '@postback/core/json/scanRequest';
import fc from 'fast-check';

const LIMITS = { maxDepth: 200, maxDataObjects: 1000 };
const RUNS = { numRuns: 1_000 };
type Parsed = { endpoint: unknown; data: unknown[] };

const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }));
const request = fc
  .record({ endpoint: object, delivery: object, data: fc.array(object, { minLength: 1, maxLength: 4 }) })
  .chain((value) => fc.constantFrom(0, 1, '\t').map((indent) => JSON.stringify(value, null, indent)));

/** A few characters of `text` cut out, put in or replaced, where JSON is brittle. */
const mutated = fc
  .tuple(
    request,
    fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...'{}[]",:\\ue0.-+1 \n\u0000tfn/é')), { maxLength: 3 }),
  )
  .map(([text, changes]) =>
    changes.reduce((current, [position, removed, added]) => {
      const at = position % (current.length + 1);
      return current.slice(0, at) + added + current.slice(at + removed);
    }, text),
  );

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('any mutated request is JSON to the scanner when it is JSON to JSON.parse', () => {
  const check = fc.property(mutated, (text) => {
    expect(scanRequest(text, LIMITS).kind !== 'not-json').toBe(isJson(text));
  });
  fc.assert(check, RUNS);
});

test('any text at all gets an answer, and the same one as from JSON.parse', () => {
  const brittle = fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0123e.-+ \ntruefalsn'), maxLength: 12 });
  const check = fc.property(fc.oneof(brittle, fc.json(), fc.string()), (text) => {
    expect(scanRequest(text, LIMITS).kind !== 'not-json').toBe(isJson(text));
  });
  fc.assert(check, { numRuns: 3_000 });
});

test('the slices of any accepted request mean what the request means', () => {
  const check = fc.property(request, (text) => {
    const scanned = scanRequest(text, LIMITS);
    if (scanned.kind === 'faults') return; // NUL is refused
    if (scanned.kind !== 'ok') throw new Error('expected JSON');
    const whole = JSON.parse(text) as Parsed;
    expect(JSON.parse(scanned.endpoint)).toEqual(whole.endpoint);
    expect(scanned.data.map((slice) => JSON.parse(slice) as unknown)).toEqual(whole.data);
  });
  fc.assert(check, RUNS);
});

test('the slices joined again are the text they were cut from', () => {
  const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 3 });
  const objects = fc.array(
    object.map((value) => JSON.stringify(value).replaceAll('\\u0000', '')),
    { minLength: 1 },
  );
  const check = fc.property(objects, space, space, (data, before, after) => {
    const text = `{"endpoint":${before}{}${after},"data":[${data.map((slice) => before + slice + after).join(',')}]}`;
    const scanned = scanRequest(text, LIMITS);
    if (scanned.kind === 'ok') expect(scanned.data).toEqual(data);
    else expect(scanned).toMatchObject({ kind: 'faults' }); // two keys became equal without their NUL
  });
  fc.assert(check, RUNS);
});

test('a key that comes twice, however it is written, is found, and nothing else is', () => {
  const escaped = (key: string) => `\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${key.slice(1)}`;
  const key = fc.tuple(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 }), fc.boolean());
  const check = fc.property(fc.array(key, { maxLength: 40 }), (keys) => {
    const members = keys.map(([name, isEscaped]) => `"${isEscaped ? escaped(name) : name}":{"a":0}`);
    const scanned = scanRequest(`{"endpoint":{},"data":[{${members.join(',')}}]}`, LIMITS);
    const isUnique = new Set(keys.map(([name]) => name)).size === keys.length;
    expect(scanned.kind).toBe(isUnique ? 'ok' : 'faults');
  });
  fc.assert(check, RUNS);
});
