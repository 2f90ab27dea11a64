import { describe, expect, test } from '@jest/globals';
import { compileEndpoint } from '@postback/core/template/compileEndpoint';
import fc from 'fast-check';
import { compile, faultsOf, rendered, SETTINGS } from './endpoints.js';

describe('the URL', () => {
  test.each([
    ['http://Example.COM/x', 'http://example.com:80', 'http://example.com/x'],
    ['HTTPS://h', 'https://h:443', 'https://h/'],
    ['http://h:8080?a=1', 'http://h:8080', 'http://h:8080/?a=1'],
    ['http://h:80/', 'http://h:80', 'http://h/'],
    ['http://2130706433/', 'http://127.0.0.1:80', 'http://127.0.0.1/'],
    ['http://0x7f.1/', 'http://127.0.0.1:80', 'http://127.0.0.1/'],
    ['http://0177.0.0.01/', 'http://127.0.0.1:80', 'http://127.0.0.1/'],
    ['http://１２７.0.0.1/', 'http://127.0.0.1:80', 'http://127.0.0.1/'],
    ['http://%31%32%37.0.0.1/', 'http://127.0.0.1:80', 'http://127.0.0.1/'],
    ['http://[::FFFF:127.0.0.1]:81/', 'http://[::ffff:7f00:1]:81', 'http://[::ffff:7f00:1]:81/'],
    [
      'http://bücher.example/é?ü=ß',
      'http://xn--bcher-kva.example:80',
      'http://xn--bcher-kva.example/%C3%A9?%C3%BC=%C3%9F',
    ],
    [`http://h/a b|^"<>?a b'`, 'http://h:80', 'http://h/a%20b%7C%5E%22%3C%3E?a%20b%27'],
    ["http://h/~!$&'()*+,;=:@%2f//..a?x=[1]&y=?/", 'http://h:80', "http://h/~!$&'()*+,;=:@%2f//..a?x=[1]&y=?/"],
  ])('%s has one destination, and nothing in it is read differently later', (url, destination, sent) => {
    const endpoint = compile({ url });
    expect(endpoint.destination).toBe(destination);
    expect(endpoint.url).toBe(url);
    expect(rendered(endpoint, '{}').url).toBe(sent);
    expect(new URL(sent).href).toBe(sent);
  });

  test('gives its credentials away and keeps none', () => {
    const endpoint = compile({ url: 'https://user:p%40ss@h/{x}' });
    expect(endpoint.basicAuth).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
    expect(endpoint.url).toBe('https://h/{x}');
    expect(rendered(endpoint, '{"x":1}')).toMatchObject({ url: 'https://h/1', path: '/1', headers: {} });
    expect(compile({ url: 'http://h/@' }).basicAuth).toBeUndefined();
  });

  test.each([
    ['/relative', 'expected an absolute URL'],
    ['ftp://h/', 'expected an absolute URL'],
    ['http:/h/', 'expected an absolute URL'],
    [' http://h/', 'expected an absolute URL'],
    ['{scheme}://h/', 'expected an absolute URL'],
    ['http{s}://h/', 'expected an absolute URL'],
    ['http://{host}/', 'at character 7'],
    ['http://h{x}', 'at character 8'],
    ['http://h:{port}/', 'at character 9'],
    ['http://{user}@h/', 'at character 7'],
    ['http://h/#{x}', 'a fragment is never sent, so it is refused, at character 9'],
    ['http://h/{a}?b={b}#c', 'at character 18'],
    ['http:///x', 'the host or the port'],
    ['http://h:0/', 'port 0'],
    ['http://h:65536/', 'the host or the port'],
    ['http://h:port/', 'the host or the port'],
    ['http://a b/', 'the host or the port'],
    ['http://300.1.1.1/', 'the host or the port'],
    ['http://[::1/', 'the host or the port'],
    ['http://u:%ff@h/', 'the user or the password'],
    ['http://u%3Av:p@h/', 'the user or the password'],
    ['http://h/a\tb', 'control characters and backslashes are refused, at character 10'],
    ['http://h\\@evil/', 'control characters and backslashes'],
    ['http://h/%zz', '"%" needs two hexadecimal digits behind it (write %25), at character 9'],
    ['http://h/%{x}', 'at character 9'],
    ['http://h/%2{x}', 'at character 9'],
    ['http://h/a/../b', 'the path segments "." and ".."'],
    ['http://h/.', 'the path segments "." and ".."'],
    ['http://h/%2E%2e?x', 'the path segments "." and ".."'],
    ['http://h/{+x}', 'the operator "+" is not supported'],
    ['http://h/{x', '"{" without "}", at character 9'],
    [`http://h/${'a'.repeat(8_184)}`, 'is longer than 8192 characters'],
    [`http://h/${'é'.repeat(2_000)}`, 'is longer than 8192 bytes whatever the values'],
    [undefined, 'expected a string'],
    [7, 'expected a string'],
  ])('%j is refused', (url, detail) => {
    expect(faultsOf({ url })).toEqual([expect.stringMatching(/^\/endpoint\/url: /)]);
    expect(faultsOf({ url })[0]).toContain(detail);
  });
});

describe('the headers', () => {
  /** Of the connection and of the framing (RFC 9110, 7.6.1 and RFC 9112, 6), and those that a receiver trusts to be ours. */
  const OURS = [
    ...[
      'Connection',
      'CONNECTION',
      'Keep-Alive',
      'Proxy-Connection',
      'Proxy-Authorization',
      'Proxy-Authenticate',
      'TE',
    ],
    ...[
      'Trailer',
      'Transfer-Encoding',
      'transfer-encoding',
      'Upgrade',
      'HTTP2-Settings',
      'Expect',
      'host',
      'Content-Length',
    ],
    ...['postback-attempt', 'POSTBACK-ID', 'Webhook-Id', 'webhook-timestamp', 'Webhook-Signature'],
  ];

  test('are fixed, templates or secrets', () => {
    const headers = { 'X-Fixed': 'é\t1', 'X-Id': 'id={id}', Authorization: { secret: 'partner.key' } };
    const endpoint = compile({ headers });
    expect([...endpoint.secrets]).toEqual([['Authorization', 'partner.key']]);
    expect(rendered(endpoint, '{"id":12345678901234567890}').headers).toEqual({
      'X-Fixed': 'é\t1',
      'X-Id': 'id=12345678901234567890',
    });
  });

  test.each([
    [{ Host: 'x' }, '/endpoint/headers/Host: this header is set by the delivery agent'],
    ...OURS.map((name): [object, string] => [
      { [name]: 'x' },
      `/endpoint/headers/${name}: this header is set by the delivery agent`,
    ]),
    [{ 'content-length': '1' }, '/endpoint/headers/content-length: this header is set by the delivery agent'],
    [{ 'Postback-Id': '1' }, '/endpoint/headers/Postback-Id: this header is set by the delivery agent'],
    [{ Upgrade: 'h2c' }, '/endpoint/headers/Upgrade: this header is set by the delivery agent'],
    [{ 'a b': '1' }, '/endpoint/headers/a b: is not a valid header name'],
    [{ '': '1' }, '/endpoint/headers/: is not a valid header name'],
    [{ A: '1', a: '2' }, '/endpoint/headers/a: this header is given twice'],
    [{ A: 'x\r\nB: y' }, '/endpoint/headers/A: may hold no control characters and none beyond Latin-1'],
    ...['\r', '\n', '\0', '\u007f', '\u0001', '€', '\ud800', 'ā'].map((character): [object, string] => [
      { A: `x${character}y` },
      '/endpoint/headers/A: may hold no control characters and none beyond Latin-1',
    ]),
    [{ A: '漢' }, '/endpoint/headers/A: may hold no control characters and none beyond Latin-1'],
    [{ A: '{x' }, '/endpoint/headers/A: "{" without "}", at character 0'],
    [{ A: 1 }, '/endpoint/headers/A: expected a template, or {"secret": name}'],
    [{ A: { secret: '../etc/passwd' } }, '/endpoint/headers/A: expected a template, or {"secret": name}'],
    [{ A: { secret: 'a', b: 1 } }, '/endpoint/headers/A: expected a template, or {"secret": name}'],
    [{ 'Content-Type': '{x}' }, '/endpoint/headers/Content-Type: decides how the body is escaped: macros are refused'],
    [[], '/endpoint/headers: expected an object: name → template, or {"secret": name}'],
    [{ A: 'x'.repeat(8_192) }, '/endpoint/headers: are longer than 8192 bytes'],
  ])('%j are refused', (headers, fault) => {
    expect(faultsOf({ headers })).toEqual([fault]);
  });

  test('named __proto__ are refused and harmless', () => {
    const json = '{"method":"GET","url":"http://h/","headers":{"__proto__":"x"}}';
    expect(faultsOf(json)).toEqual(['/endpoint/headers/__proto__: is not a valid header name']);
  });

  test('cannot contradict the credentials of the URL', () => {
    const members = { url: 'http://u:p@h/', headers: { authorization: { secret: 'x' } } };
    expect(faultsOf(members)).toEqual(['/endpoint/url: has credentials, and there is an Authorization header as well']);
  });
});

describe('the other members', () => {
  test('success is a set of statuses', () => {
    const { success } = compile({ success: ['2xx', 302] });
    expect(success?.size).toBe(101);
    expect([199, 200, 299, 300, 302].map((status) => success?.has(status))).toEqual([false, true, true, false, true]);
    expect(compile({}).success).toBeUndefined();
  });

  test.each([
    [{ method: 'get' }, '/endpoint/method: expected one of GET, POST, PUT, PATCH, DELETE'],
    [{ method: undefined }, '/endpoint/method: expected one of GET, POST, PUT, PATCH, DELETE'],
    [{ unmatched: null }, '/endpoint/unmatched: expected one of default, omit, reject'],
    [{ success: [] }, '/endpoint/success: expected a list of statuses'],
    [{ success: ['2XX'] }, '/endpoint/success: expected a list of statuses'],
    [{ success: [100] }, '/endpoint/success: expected a list of statuses'],
    [{ defaults: [] }, '/endpoint/defaults: expected an object: key → value'],
    [{ body: 1 }, '/endpoint/body: expected a string, the template, or null for no body'],
    [{ header: {} }, '/endpoint/header: unknown member; did you mean "headers"?'],
    [{ url: `http://h/?${'{a}'.repeat(1_001)}` }, '/endpoint: has more than 1000 macros'],
  ])('%j is refused', (members, fault) => {
    expect(faultsOf(members)).toEqual([expect.stringContaining(fault)]);
  });

  test('all faults are named at once, up to 20', () => {
    expect(
      faultsOf({ method: 1, url: 'x', headers: 1, body: 1, success: 1, unmatched: 1, defaults: 1, x: 1 }),
    ).toHaveLength(8);
    expect(faultsOf(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`x${i}`, 1])))).toHaveLength(20);
  });

  test('any JSON, and any text, is compiled or refused, never thrown at', () => {
    const member = fc.oneof(fc.jsonValue(), fc.string(), fc.constantFrom('GET', 'http://h/{x}', '{x}'));
    const names = fc.constantFrom('method', 'url', 'headers', 'body', 'defaults', 'unmatched', 'success', '__proto__');
    const text = fc.oneof(
      fc.dictionary(names, member).map((value) => JSON.stringify(value)),
      fc.json(),
      fc.string(),
    );
    const check = fc.property(text, (json) => {
      expect(['ok', 'faults']).toContain(compileEndpoint(json, SETTINGS).kind);
    });
    fc.assert(check, { numRuns: 1_000 });
  });
});
