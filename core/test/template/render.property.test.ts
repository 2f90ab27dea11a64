/** Whatever the values are: the request goes where the endpoint says, and carries them unchanged. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compile, rendered } from './endpoints.js';

const RUNS = { numRuns: 1_000 };
const HOSTILE = [
  '',
  '.',
  '..',
  '/',
  '//',
  '?',
  '#',
  '&',
  '=',
  '%',
  '%2e',
  '\r\n',
  '\u0000',
  '@',
  ':',
  '\\',
  '{x}',
  '{',
  '}',
  '😀',
  "'",
];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.array(fc.constantFrom(...HOSTILE)).map((all) => all.join('')),
);
const value = fc.oneof(text, fc.jsonValue({ stringUnit: 'binary' }));
const data = fc.record({ x: value, y: value }, { requiredKeys: [] }).map((object) => JSON.stringify(object));

test('host, port, number of path segments and of parameters never change', () => {
  const endpoint = compile({ url: 'http://h:81/a/{x}/b{y}/{x}{y}/c?p={x}&q={y}&r' });
  const check = fc.property(data, (object) => {
    const result = endpoint.render(object);
    if (result.kind === 'faults') return expect(result.faults[0]?.detail).toMatch(/path segment|longer/);
    const url = new URL(result.url);
    expect(url.href).toBe(result.url);
    expect([url.origin, url.username, url.hash]).toEqual(['http://h:81', '', '']);
    expect(url.pathname.split('/')).toHaveLength(6);
    expect([...url.searchParams.keys()]).toEqual(['p', 'q', 'r']);
    expect(result.path).toBe(url.pathname + url.search);
  });
  fc.assert(check, RUNS);
});

test('values arrive as they were, braces and all', () => {
  const get = compile({ url: 'http://h/?x={x}' });
  const form = compile({
    method: 'POST',
    body: 'x={x}',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  const json = compile({ method: 'PUT', body: '{"x":"{x}","y":{x}}', headers: { 'Content-Type': 'application/json' } });
  const check = fc.property(text, (x) => {
    const object = JSON.stringify({ x });
    expect(new URL(rendered(get, object).url).searchParams.get('x')).toBe(x);
    expect(new URLSearchParams(rendered(form, object).body).get('x')).toBe(x);
    expect(JSON.parse(rendered(json, object).body ?? '')).toEqual({ x, y: x });
  });
  fc.assert(check, RUNS);
});

test('any value at all leaves a JSON body valid, and itself equal', () => {
  const endpoint = compile({
    method: 'POST',
    body: '{"a":[{x},"{y}"]}',
    headers: { 'Content-Type': 'application/json' },
  });
  const check = fc.property(value, value, (x, y) => {
    const body = JSON.parse(rendered(endpoint, JSON.stringify({ x, y })).body ?? '') as { a: [unknown, string] };
    const unmatched = (other: unknown) => (other === null ? '' : (JSON.parse(JSON.stringify(other)) as unknown));
    expect(body.a[0]).toEqual(unmatched(x));
    expect(body.a[1]).toBe(typeof y === 'string' ? y : y === null ? '' : JSON.stringify(y));
  });
  fc.assert(check, RUNS);
});

test('check finds faults exactly when render does, and the same ones', () => {
  const template = fc.constantFrom('{x}', '{y}', '{z}', 'a', '.', '/', '?', '&', '%2e');
  const members = fc.record({
    method: fc.constantFrom('GET', 'POST'),
    url: fc.array(template, { maxLength: 12 }).map((parts) => `http://h/${parts.join('')}`),
    unmatched: fc.constantFrom('default', 'omit', 'reject'),
    headers: fc.constantFrom({}, { X: '{x}' }),
    defaults: fc.constantFrom({}, { x: '..' }, { z: 'é'.repeat(10) }),
  });
  const sizes = fc.constantFrom('', 'a', 'é', '漢', '.', '..', '\n', '漢'.repeat(3));
  const values = fc.tuple(sizes, fc.integer({ min: 0, max: 9 })).map(([unit, count]) => unit.repeat(count));
  const object = fc.record({ x: values, y: values }, { requiredKeys: [] }).map((record) => JSON.stringify(record));
  const check = fc.property(members, object, fc.integer({ min: 40, max: 400 }), (endpoint, record, maxUrlBytes) => {
    fc.pre(!/(^|\/)(\.|%2e){1,2}(\/|$)/.test(endpoint.url.slice('http://h'.length).split('?', 1)[0] ?? ''));
    fc.pre(endpoint.url.length <= 40);
    const compiled = compile(endpoint, { defaultValue: '漢', maxUrlBytes });
    const result = compiled.render(record);
    expect(compiled.check(record)).toEqual(result.kind === 'ok' ? [] : result.faults);
    if (result.kind === 'ok') expect(result.url.length).toBeLessThanOrEqual(maxUrlBytes);
  });
  fc.assert(check, { numRuns: 3_000 });
});

test('check does not read data that cannot be at fault', () => {
  const notEvenJson = 'x'.repeat(100);
  expect(compile({ url: 'http://h/a?x={x}&y={y}' }).check(notEvenJson)).toEqual([]);
  expect(compile({ method: 'POST' }).check(notEvenJson.repeat(1_000))).toEqual([]);
});
