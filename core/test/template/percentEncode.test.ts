import { expect, test } from '@jest/globals';
import { percentEncode } from '@postback/core/template/percentEncode';
import fc from 'fast-check';

test('everything but the unreserved characters is encoded', () => {
  expect(percentEncode('Gopher & é')).toBe('Gopher%20%26%20%C3%A9');
  expect(percentEncode("AZaz09-._~!'()*")).toBe('AZaz09-._~%21%27%28%29%2A');
  expect(percentEncode('\u0000\n%/?#[]@😀漢')).toBe('%00%0A%25%2F%3F%23%5B%5D%40%F0%9F%98%80%E6%BC%A2');
  expect(percentEncode('')).toBe('');
});

test('half a surrogate pair becomes the replacement character and throws nothing', () => {
  expect(percentEncode('a\ud800b')).toBe('a%EF%BF%BDb');
});

test('any text comes back by decoding, and only unreserved characters and triplets are used', () => {
  const check = fc.property(fc.string({ unit: 'binary' }), (text) => {
    const encoded = percentEncode(text);
    expect(decodeURIComponent(encoded)).toBe(text);
    expect(encoded).toMatch(/^([A-Za-z0-9\-._~]|%[0-9A-F]{2})*$/);
  });
  fc.assert(check, { numRuns: 1_000 });
});
