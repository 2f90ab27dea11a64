import { describe, expect, test } from '@jest/globals';
import { jsonToText, readMembers } from '@postback/core/json/members';
import fc from 'fast-check';

const read = (object: string, ...wanted: string[]) => Object.fromEntries(readMembers(object, new Set(wanted)));

describe('readMembers', () => {
  test('yields the JSON text of the wanted members, digit for digit', () => {
    const object = '{ "id" : 12345678901234567890 , "price":1.10,"big":1e400, "skip":[{"id":1}], "flag":true }';
    expect(read(object, 'id', 'price', 'big', 'flag')).toEqual({
      id: '12345678901234567890',
      price: '1.10',
      big: '1e400',
      flag: 'true',
    });
  });

  test('skips what is not wanted, whatever brackets and quotes it has', () => {
    const object = String.raw`{"a":"}\"]{","b":[{"x":"\\"},["]"]],"c":{"wanted":1},"wanted":{"k": [1, "}"]}}`;
    expect(read(object, 'wanted')).toEqual({ wanted: '{"k": [1, "}"]}' });
  });

  test('finds keys written with escapes, and keys that mean something to JavaScript', () => {
    expect(read('{"\\u0061":1,"__proto__":2,"constructor":3}', 'a', '__proto__', 'constructor')).toEqual(
      JSON.parse('{"a":"1","__proto__":"2","constructor":"3"}'),
    );
  });

  test('yields nothing of an empty object or of another value', () => {
    for (const text of ['{}', ' { } ', '[]', '1', '"a"', '']) expect(read(text, 'a')).toEqual({});
  });

  test('returns on any text, JSON or not', () => {
    const brittle = fc.string({ unit: fc.constantFrom(...'{}[]",:\\a '), maxLength: 30 });
    const check = fc.property(brittle, (text) => readMembers(`{${text}`, new Set(['a'])) instanceof Map);
    fc.assert(check, { numRuns: 3_000 });
  });

  test('reads from any object what JSON.parse reads from it', () => {
    const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }));
    const check = fc.property(object, fc.constantFrom(0, 2), (value, indent) => {
      const members = readMembers(JSON.stringify(value, null, indent), new Set(Object.keys(value)));
      expect([...members].map(([key, raw]): [string, unknown] => [key, JSON.parse(raw)])).toEqual(
        Object.entries(JSON.parse(JSON.stringify(value)) as object),
      );
    });
    fc.assert(check, { numRuns: 1_000 });
  });
});

describe('jsonToText', () => {
  test.each([
    ['"Gopher"', 'Gopher'],
    ['""', ''],
    [String.raw`"a\"b\\c\/dé\n"`, 'a"b\\c/dé\n'],
    ['12345678901234567890', '12345678901234567890'],
    ['1.10', '1.10'],
    ['1e400', '1e400'],
    ['false', 'false'],
    ['{"a": [1,  2]}', '{"a": [1,  2]}'],
    ['"null"', 'null'],
    ['null', null],
  ])('turns %s into its text', (raw, text) => {
    expect(jsonToText(raw)).toBe(text);
  });
});
