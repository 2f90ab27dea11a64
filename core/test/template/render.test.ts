import { describe, expect, test } from '@jest/globals';
import { compile, faultsOf, rendered } from './endpoints.js';

const BRIEF = 'http://sample_domain_endpoint.com/data?title={mascot}&image={location}&foo={bar}';
const NUMBERS = '{"id": 12345678901234567890, "price": 1.10, "flag": true}';

function faults(members: object, data: string): string[] {
  const result = compile(members).render(data);
  return result.kind === 'ok' ? [] : result.faults.map(({ pointer, detail }) => `${pointer}: ${detail}`);
}

describe('the URL', () => {
  const path = (url: string, data: string, more: object = {}) => rendered(compile({ url, ...more }), data).path;

  test('is the one of the brief', () => {
    const data = '{"mascot": "Gopher", "location": "https://blog.golang.org/gopher/gopher.png"}';
    const { url } = rendered(compile({ url: BRIEF }), data);
    expect(url).toBe(
      'http://sample_domain_endpoint.com/data?title=Gopher&image=https%3A%2F%2Fblog.golang.org%2Fgopher%2Fgopher.png&foo=',
    );
  });

  test('encodes everything that could mean something', () => {
    expect(path('http://h/?x={x}', '{"x":"Gopher & é"}')).toBe('/?x=Gopher%20%26%20%C3%A9');
    expect(path('http://h/{x}', '{"x":"a/b?c#d&e=f%2f\\r\\n\\"{x}"}')).toBe(
      '/a%2Fb%3Fc%23d%26e%3Df%252f%0D%0A%22%7Bx%7D',
    );
  });

  test('keeps numbers digit for digit, and other values as their JSON text', () => {
    expect(path('http://h/{id}/{price}?f={flag}', NUMBERS)).toBe('/12345678901234567890/1.10?f=true');
    expect(path('http://h/?x={x}', '{"x":{"a": [1, 1e400]}}')).toBe('/?x=%7B%22a%22%3A%20%5B1%2C%201e400%5D%7D');
  });

  test('never expands a value', () => {
    expect(path('http://h/?x={x}&y={y}', '{"x":"{y}","y":"{x}"}')).toBe('/?x=%7By%7D&y=%7Bx%7D');
  });

  test("takes the default for a key that is missing or null, the endpoint's own first", () => {
    const members = { url: 'http://h/?a={a}&b={b}&c={A}', defaults: { a: 'own' } };
    const endpoint = compile(members, { defaultValue: 'n/a', maxUrlBytes: 8_192 });
    expect(rendered(endpoint, '{"a":null,"b":null,"unused":1}').path).toBe('/?a=own&b=n%2Fa&c=n%2Fa');
    expect(rendered(endpoint, '{}').path).toBe('/?a=own&b=n%2Fa&c=n%2Fa');
    expect(rendered(endpoint, '{"a":"","b":"","A":false}').path).toBe('/?a=&b=&c=false');
  });

  test('takes numbers in defaults digit for digit, and null there as none', () => {
    const json = `{"method":"GET","url":"http://h/?{id}-{price}-{x}","defaults":{"x":null,"id":12345678901234567890,"price":1.10}}`;
    expect(rendered(compile(json), '{}').path).toBe('/?12345678901234567890-1.10-');
  });

  test('takes no value from what every JavaScript object has', () => {
    expect(path('http://h/?{constructor}-{toString}-{__proto__}', '{}')).toBe('/?--');
    expect(path('http://h/?{__proto__}', '{"__proto__":1}')).toBe('/?1');
  });

  test('omits the parameters of unmatched keys when asked to, and only these', () => {
    const omit = (url: string, data: string) => path(url, data, { unmatched: 'omit', defaults: { d: 'x' } });
    expect(omit('http://h/p?a={a}&b={b}&c=1&d={d}', '{"b":""}')).toBe('/p?b=&c=1&d=x');
    expect(omit('http://h/p?a={a}', '{}')).toBe('/p');
    expect(omit('http://h/p?a={a}-{b}&c', '{"a":1}')).toBe('/p?c');
    expect(omit('http://h/{a}/p?x={b&c}&{e}', '{"b&c":1}')).toBe('//p?x=1');
    expect(omit('http://h/p?', '{}')).toBe('/p?');
  });

  test('rejects unmatched keys when asked to, naming each', () => {
    const members = { url: 'http://h/{a}/{b/c}?{d}', unmatched: 'reject', defaults: { d: 1 } };
    const detail = 'the endpoint needs this key, and unmatched keys are rejected';
    expect(faults(members, '{"a":null}')).toEqual([`/a: ${detail}`, `/b~1c: ${detail}`]);
    expect(faults(members, '{"a":1,"b/c":""}')).toEqual([]);
  });

  test.each([
    ['http://h/a/{x}/admin', '".."'],
    ['http://h/{x}', '"."'],
    ['http://h/.{x}', '"."'],
    ['http://h/{x}%2E/b', '"."'],
    ['http://h/{x}{y}/b', '"."'],
  ])('refuses values that make a dot segment of %s', (url, value) => {
    const [fault] = faults({ url }, `{"x":${value},"y":"."}`);
    expect(fault).toMatch(/^\/x: makes the path segment/);
  });

  test('lets dots through where they are no segment', () => {
    expect(path('http://h/{x}/a{x}?{x}', '{"x":"...","y":".."}')).toBe('/.../a...?...');
    expect(path('http://h/a{x}/b?{x}', '{"x":".."}')).toBe('/a../b?..');
    expect(path('http://h/{x}', '{"x":"%2e%2e"}')).toBe('/%252e%252e');
  });

  test('refuses what would be longer than the limit, which counts the whole URL', () => {
    const room = 8_192 - 'http://h/?'.length;
    expect(faults({ url: 'http://h/?{x}' }, `{"x":"${'a'.repeat(room)}"}`)).toEqual([]);
    const tooLong = [': the rendered URL would be longer than 8192 bytes'];
    expect(faults({ url: 'http://h/?{x}' }, `{"x":"${'a'.repeat(room + 1)}"}`)).toEqual(tooLong);
    expect(faults({ url: 'http://h/?{x}' }, `{"x":"${'漢'.repeat(1_000)}"}`)).toEqual(tooLong);
    expect(faults({ url: `http://h/?${'{x}'.repeat(100)}` }, `{"x":"${'a'.repeat(100)}"}`)).toEqual(tooLong);
  });
});

describe('the body', () => {
  const body = (members: object, data: string) => rendered(compile({ method: 'POST', ...members }), data);
  const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };

  test('is the data object as sent, as JSON, when there is no template', () => {
    expect(body({}, NUMBERS)).toMatchObject({ body: NUMBERS, headers: { 'Content-Type': 'application/json' } });
    const headers = { 'content-type': 'application/vnd.x+json' };
    expect(body({ headers }, NUMBERS)).toMatchObject({ body: NUMBERS, headers });
  });

  test('is none for GET and DELETE, and when it is null', () => {
    for (const method of ['GET', 'DELETE'])
      expect(body({ method }, NUMBERS)).toMatchObject({ body: undefined, headers: {} });
    expect(body({ body: null }, NUMBERS)).toMatchObject({ body: undefined, headers: {} });
  });

  test('escapes for JSON: text within strings, the value itself elsewhere', () => {
    const template = '{"s":"<{s}>","raw":{s},"o":{o},"text":"{o}","n":{missing},"m":"{missing}"}';
    const data = String.raw`{"s":"q\" \\ \u00e9\n,é","o":{"a": 1.10}}`;
    const sent = body({ headers: JSON_TYPE, body: template }, data).body ?? '';
    expect(sent).toBe(
      String.raw`{"s":"<q\" \\ \u00e9\n,é>","raw":"q\" \\ \u00e9\n,é","o":{"a": 1.10},"text":"{\"a\": 1.10}","n":"","m":""}`,
    );
    expect(JSON.parse(sent)).toMatchObject({ s: '<q" \\ é\n,é>', raw: 'q" \\ é\n,é' });
  });

  test('keeps numbers digit for digit', () => {
    const template = '{"id":{id},"price":"{price}","flag":{flag}}';
    const sent = body({ headers: JSON_TYPE, body: template }, NUMBERS).body;
    expect(sent).toBe('{"id":12345678901234567890,"price":"1.10","flag":true}');
  });

  test('encodes for a form, and nothing for other types', () => {
    const headers = { 'CONTENT-TYPE': 'Application/X-WWW-Form-Urlencoded' };
    expect(body({ headers, body: 'a={a}&b={b}' }, '{"a":"x y&z=1"}').body).toBe('a=x%20y%26z%3D1&b=');
    expect(body({ body: '<a>{a}</a>' }, '{"a":"x & y"}')).toMatchObject({ body: '<a>x & y</a>', headers: {} });
    expect(body({ body: '' }, '{}').body).toBe('');
  });

  test.each(['{"a":"{x}}', '{"a":\'{x}\'}', '{"a":"\\{x}nabc"}', '{"a":"\\u00{x}"}', '{"a":1{x}}', '{x}{y}'])(
    'of JSON is refused when values could break it: %s',
    (template) => {
      expect(faultsOf({ headers: JSON_TYPE, body: template })).toEqual([
        '/endpoint/body: the Content-Type says JSON, but the template is not valid JSON',
      ]);
    },
  );

  test('that would be amplified beyond 1 MiB is refused before it is built', () => {
    const members = { method: 'POST', body: '{x}'.repeat(1_000) };
    expect(faults(members, `{"x":"${'a'.repeat(1_000)}"}`)).toEqual([]);
    expect(faults(members, `{"x":"${'a'.repeat(2_000)}"}`)).toEqual([
      ': the rendered body would be longer than 1048576 characters',
    ]);
  });
});

describe('the headers', () => {
  test.each(['a\\r\\nb', 'a\\nb', 'a\\u007fb', '漢'])('refuse the value %s', (value) => {
    const detail = 'holds what the header X may not: control characters, or characters beyond Latin-1';
    expect(faults({ headers: { X: '{ok}{x}' } }, `{"ok":"é","x":"${value}"}`)).toEqual([`/x: ${detail}`]);
  });

  test('may not become longer than 8 KiB together', () => {
    const members = { headers: { X: '{x}', Y: '{x}' } };
    expect(faults(members, `{"x":"${'a'.repeat(4_095)}"}`)).toEqual([]);
    expect(faults(members, `{"x":"${'a'.repeat(4_096)}"}`)).toEqual([
      ': the rendered headers would be longer than 8192 bytes',
    ]);
  });
});
