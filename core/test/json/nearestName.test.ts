import { expect, test } from '@jest/globals';
import { describeUnknown, nearestName } from '@postback/core/json/nearestName';

const KNOWN = ['endpoint', 'delivery', 'data', 'headers'];

test.each([
  ['endpiont', 'endpoint'],
  ['Endpoints', 'endpoint'],
  ['dat', 'data'],
  ['header', 'headers'],
  ['DELIVERY', 'delivery'],
])('%s is near to %s', (name, nearest) => {
  expect(nearestName(name, KNOWN)).toBe(nearest);
});

test.each(['', 'x', 'date_of_birth', 'dtaa_', '__proto__', 'd'.repeat(100_000)])('nothing is near to %.20s', (name) => {
  expect(nearestName(name, KNOWN)).toBeUndefined();
});

test('the sentence names the nearest, or all', () => {
  expect(describeUnknown('dta', KNOWN)).toBe('unknown member; did you mean "data"?');
  expect(describeUnknown('foo', ['a', 'b'])).toBe('unknown member; known are a, b');
});
