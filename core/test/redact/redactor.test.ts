import { parseConfig } from '@postback/core/config';
import { createRedactor } from '@postback/core/redact/redactor';
import { redactSetting } from '@postback/core/redact/redactSetting';

const byDefault = () => createRedactor(parseConfig({ REDACT: redactSetting }, {}).REDACT);

describe('a URL', () => {
  test.each([
    ['http://p.example/a/token/b', 'http://p.example/a/token/b'],
    ['http://p.example/?a=1&access_token=canary&b=2', 'http://p.example/?a=1&access_token=***&b=2'],
    ['http://p.example/?API_KEY=canary', 'http://p.example/?API_KEY=***'],
    ['http://p.example/?to%6ben=canary', 'http://p.example/?to%6ben=***'],
    ['http://p.example/?token[]=canary&token', 'http://p.example/?token[]=***&token'],
    ['http://p.example/?a=b=token&c', 'http://p.example/?a=b=token&c'],
    ['http://p.example/?%E0%A4%A=1&secret=canary', 'http://p.example/?%E0%A4%A=1&secret=***'],
    ['https://me:canary@p.example/x@y?z=1', 'https://p.example/x@y?z=1'],
    ['http://p.example/@me?a={a}&sig_token={token}', 'http://p.example/@me?a={a}&sig_token=***'],
  ])('%s is shown as %s', (url, shown) => {
    expect(byDefault().url(url)).toBe(shown);
  });
});

describe('a text', () => {
  test.each([
    ['{"a":1,"token":"canary","b":2}', '{"a":1,"token":"***","b":2}'],
    ['{"big":12345678901234567890, "Api-Key" : 12e3}', '{"big":12345678901234567890, "Api-Key" : "***"}'],
    ['{"secrets":{"x":["canary}",{"y":"]"}]},"z":1}', '{"secrets":"***","z":1}'],
    ['[{"password":"can\\"ary, \\"x\\":1"},{"a":"\\"token\\":1"}]', '[{"password":"***"},{"a":"\\"token\\":1"}]'],
    ['{"to\\u006ben":"canary"}', '{"to\\u006ben":"***"}'],
    ['{"a":"token","b":"key"}', '{"a":"token","b":"key"}'],
    ['{"a":{"set-cookie":null}}', '{"a":{"set-cookie":"***"}}'],
    ['{"token":"cana', '{"token":"***"'],
    ['{"token":{"deep":"cana', '{"token":"***"'],
    ['{"x":1,"toke', '{"x":1,"toke'],
    ['access_token=canary&scope=all', 'access_token=***&scope=all'],
    ['your token is canary', 'your token is canary'],
    ['<a href="?token=1">', '<a href="?token=1">'],
    ['', ''],
  ])('%s is shown as %s', (text, shown) => {
    expect(byDefault().text(text)).toBe(shown);
  });

  test('full of brackets or quotes is read once, not again and again', () => {
    const hostile = `{"token":${'['.repeat(1_000_000)}`;
    const quotes = `{"key":1,${'"a" '.repeat(500_000)}`;
    const startedAt = performance.now();
    byDefault().text(hostile);
    byDefault().text(quotes);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

test('headers are judged by their names; a reference to a secret is none', () => {
  const headers = { Authorization: 'canary', 'X-Api-Key': { secret: 'partner_a' }, Accept: '*/*' };
  expect(byDefault().headers(headers)).toEqual({ ...headers, Authorization: '***' });
});

describe('REDACT', () => {
  test('takes exact names and globs', () => {
    const redactor = createRedactor(['e-mail', 'x-*-id', '*card*']);
    const names = ['e-mail', 'E-Mail', 'my-e-mail', 'x-a-id', 'x-id', 'card', 'cardnumber', 'token'];
    expect(names.filter((name) => redactor.isSecret(name))).toEqual([
      'e-mail',
      'E-Mail',
      'x-a-id',
      'card',
      'cardnumber',
    ]);
  });

  test('* hides every value, none hides nothing', () => {
    expect(createRedactor(['*']).text('{"a":{"b":1},"":2}')).toBe('{"a":"***","":"***"}');
    expect(createRedactor(['none']).url('http://p.example/?token=1')).toBe('http://p.example/?token=1');
  });

  test('refuses what is no name', () => {
    expect(() => parseConfig({ REDACT: redactSetting }, { REDACT: 'a,b c' })).toThrow('got "b c"');
  });
});
