/** Where RFC 6570 and we say the same, level 1 with plain names, its reference implementation is the oracle. */
import { expect, test } from '@jest/globals';
import { StdUriTemplate } from '@std-uritemplate/std-uritemplate';
import fc from 'fast-check';
import { compile, rendered } from './endpoints.js';

test('a query is expanded as RFC 6570 level 1 says, and missing values as empty ones', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'B', '0', '_'), minLength: 1, maxLength: 3 });
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean());
  const values = fc.dictionary(name, value, { noNullPrototype: true });
  const check = fc.property(fc.array(name, { maxLength: 6 }), values, (names, data) => {
    const url = `http://h/p?${names.map((key) => `${key}={${key}}`).join('&')}`;
    expect(rendered(compile({ url }), JSON.stringify(data)).url).toBe(expand(url, data));
  });
  fc.assert(check, { numRuns: 1_000 });
});

/** Level 1 leaves unreserved characters alone and no others (RFC 6570 section 3.2.1); the oracle forgets four of them. */
function expand(url: string, data: Record<string, unknown>): string {
  return StdUriTemplate.expand(url, data).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
