import { describe, expect, test } from '@jest/globals';
import { scanRequest } from '@postback/core/json/scanRequest';
import { bestOfThree } from '../../src/testing/bestOfThree.js';

const LIMITS = { maxDepth: 32, maxDataObjects: 1000 };
const scan = (text: string) => scanRequest(text, LIMITS);
const ENDPOINT = '{"method":"GET","url":"http://h/"}';
const withData = (data: string) => `{"endpoint":${ENDPOINT},"data":[${data}]}`;

function faults(text: string): string[] {
  const result = scan(text);
  return result.kind === 'faults' ? result.faults.map(({ pointer, detail }) => `${pointer}: ${detail}`) : [result.kind];
}

describe('a valid request', () => {
  test('yields its parts verbatim, without the whitespace around them', () => {
    const endpoint = '{ "method":"GET" , "url":"http://h/" }';
    const text = ` {"endpoint": ${endpoint} ,\n"delivery" : {} ,"data": [ {"id": 12345678901234567890, "price": 1.10} ,\t{} ] } `;
    expect(scan(text)).toEqual({
      kind: 'ok',
      endpoint,
      delivery: '{}',
      data: ['{"id": 12345678901234567890, "price": 1.10}', '{}'],
    });
  });

  test('may name its members with escapes and in any order', () => {
    expect(scan(`{"data":[{}],"\\u0065ndpoint":${ENDPOINT}}`)).toMatchObject({ kind: 'ok', delivery: undefined });
  });

  test('may have keys that mean something to JavaScript', () => {
    expect(scan(withData('{"__proto__":1,"constructor":2,"toString":3,"":4}')).kind).toBe('ok');
  });

  test('may be nested as deep as the limit, counted from the body', () => {
    const nested = (levels: number) => withData(`{"a":${'['.repeat(levels - 3)}${']'.repeat(levels - 3)}}`);
    expect(scan(nested(32)).kind).toBe('ok');
    expect(faults(nested(33))).toEqual([`/data/0/a${'/0'.repeat(29)}: is nested deeper than 32 levels`]);
  });
});

describe('a text that is not JSON', () => {
  test.each([
    ['', 0],
    ['   ', 3],
    ['\uFEFF{}', 0],
    ['{', 1],
    ['{"endpoint"', 11],
    ['{"endpoint" 1}', 12],
    ["{'a':1}", 1],
    ['{"a":1,}', 7],
    ['{"a":[1,]}', 8],
    ['{"a":[1 2]}', 8],
    ['{"a":01}', 6],
    ['{"a":-}', 6],
    ['{"a":1.}', 7],
    ['{"a":.5}', 5],
    ['{"a":1e}', 7],
    ['{"a":1e+}', 8],
    ['{"a":+1}', 5],
    ['{"a":NaN}', 5],
    ['{"a":tru}', 5],
    ['{"a":"\n"}', 6],
    ['{"a":"\\x"}', 6],
    ['{"a":"\\u12G4"}', 6],
    ['{"a":"open}', 11],
    ['{} {}', 3],
    ['{}\u00a0', 2],
    ['{}/**/', 2],
    ['[1]]', 3],
  ])('is refused with the position: %j', (text, position) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(scan(text)).toMatchObject({ kind: 'not-json', position });
  });

  test('is answered as such even when faults came before', () => {
    expect(scan('{"x":1,"x":2,').kind).toBe('not-json');
  });

  test('names what was expected and what was found', () => {
    expect(scan('{"a":1;}')).toMatchObject({ detail: 'expected "," or "}", found ; (U+003B)' });
    expect(scan('{')).toMatchObject({ detail: 'expected a key in quotes, found the end of the text' });
  });
});

describe('another shape', () => {
  test.each([
    ['[1,2]', ': expected an object with endpoint and data, got an array'],
    ['"text"', ': expected an object with endpoint and data, got a string'],
    ['-1', ': expected an object with endpoint and data, got a number'],
    [`{"endpoint":${ENDPOINT}}`, '/data: is missing; expected an array of objects'],
    ['{"data":[{}]}', '/endpoint: is missing; expected an object'],
    ['{"endpoint":null,"data":[{}]}', '/endpoint: expected an object, got null'],
    [`{"endpoint":${ENDPOINT},"delivery":[],"data":[{}]}`, '/delivery: expected an object, got an array'],
    [`{"endpoint":${ENDPOINT},"data":{}}`, '/data: expected an array of objects, got an object'],
    [withData(''), '/data: expected 1 to 1000 objects, got none'],
    [withData('{},false,{}'), '/data/1: expected an object, got false'],
    [withData('{},[]'), '/data/1: expected an object, got an array'],
    [`{"endpiont":1,"endpoint":${ENDPOINT},"data":[{}]}`, '/endpiont: unknown member; did you mean "endpoint"?'],
    [`{"a/b~":1,"endpoint":${ENDPOINT},"data":[{}]}`, '/a~1b~0: unknown member; known are endpoint, delivery, data'],
  ])('is refused with pointer and expectation: %s', (text, fault) => {
    expect(faults(text)).toEqual([fault]);
  });

  test('names every fault, up to 20', () => {
    expect(faults('{"endpoint":1,"data":2,"Data":3}')).toHaveLength(3);
    expect(faults(withData(Array(100).fill('1').join(',')))).toHaveLength(20);
  });

  test('with too many objects ends the scan at the first that is too many', () => {
    const objects = (count: number) => Array(count).fill('{}').join(',');
    expect(scan(withData(objects(1000))).kind).toBe('ok');
    const tooMany = '/data: expected 1 to 1000 objects, got more';
    expect(faults(withData(objects(1001)))).toEqual([tooMany]);
    expect(faults(withData(`${objects(1001)}, and no JSON`))).toEqual([tooMany]);
  });
});

describe('what no one downstream can carry', () => {
  const TWICE = 'this key comes twice in its object';
  test.each([
    [withData('{"a":1,"b":2,"a":3}'), `/data/0/a: ${TWICE}`],
    [withData('{"a":1,"\\u0061":3}'), `/data/0/a: ${TWICE}`],
    [withData('{"\\u0061":1,"a":3}'), `/data/0/a: ${TWICE}`],
    [withData('{"x":[0,{"y":1,"y":1}]}'), `/data/0/x/1/y: ${TWICE}`],
    [withData('{"__proto__":1,"__proto__":2}'), `/data/0/__proto__: ${TWICE}`],
    [`{"endpoint":${ENDPOINT},"data":[{}],"data":[{}]}`, `/data: ${TWICE}`],
    [withData('{"a":"\\u0000"}'), '/data/0/a: contains the character NUL (\\u0000)'],
    [withData('{"a":"\\ud800"}'), '/data/0/a: contains half a surrogate pair (\\ud800)'],
    [withData('{"a":"\\uDC00\\ud800x"}'), '/data/0/a: contains half a surrogate pair (\\udc00)'],
    [withData('{"a":["\\ud83d x"]}'), '/data/0/a/0: contains half a surrogate pair (\\ud83d)'],
    [withData('{"\\u0000":1}'), '/data/0: contains the character NUL (\\u0000)'],
  ])('is refused with the pointer: %s', (text, fault) => {
    expect(faults(text)).toContain(fault);
  });

  test('a whole surrogate pair and the same key in different objects are fine', () => {
    expect(scan(withData('{"a":"\\ud83d\\ude00 😀"},{"a":{"a":[{"a":1},{"a":2}]}}')).kind).toBe('ok');
  });
});

describe('a hostile size', () => {
  function elapsedMs(text: string): number {
    const start = performance.now();
    scan(text);
    return performance.now() - start;
  }

  test('of 40,000 levels is answered within 20 ms', async () => {
    const deep = withData(`{"a":${'['.repeat(40_000)}${']'.repeat(40_000)}}`);
    expect(await bestOfThree(20, () => elapsedMs(deep))).toBeLessThanOrEqual(20);
    expect(await bestOfThree(20, () => elapsedMs('['.repeat(40_000)))).toBeLessThanOrEqual(20);
  });

  test('of 100,000 keys in one object, the last of them repeated, stays linear', () => {
    const keys = Array.from({ length: 100_000 }, (_, i) => `"key${i}":0`).join(',');
    expect(faults(withData(`{${keys},"key99999":1}`))).toEqual([
      `/data/0/key99999: ${'this key comes twice in its object'}`,
    ]);
    expect(elapsedMs(withData(`{${keys}}`))).toBeLessThan(5_000);
  });

  test('of a million escapes or unclosed quotes stays linear', () => {
    expect(elapsedMs(withData(`{"a":"${'\\n'.repeat(1_000_000)}"}`))).toBeLessThan(5_000);
    expect(elapsedMs(withData(`{"a":"${'\\"'.repeat(1_000_000)}"}`))).toBeLessThan(5_000);
  });

  test('of a key is not repeated in the pointer', () => {
    const [fault] = faults(withData(`{"${'k'.repeat(100_000)}":"\\u0000"}`));
    expect(fault?.length).toBeLessThan(300);
  });
});
