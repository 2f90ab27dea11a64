import { describe, expect, test } from '@jest/globals';
import { parseTemplate, type TemplatePlace } from '@postback/core/template/parseTemplate';

function parse(text: string, place: TemplatePlace = 'url'): unknown[] {
  const parsed = parseTemplate(text, place);
  if (parsed.kind === 'faults') return parsed.faults.map(({ position, detail }) => `${position}: ${detail}`);
  return parsed.parts.map((part) => (part.kind === 'key' ? { key: part.key } : part.text));
}

describe('parseTemplate', () => {
  test('cuts at each macro, without greed', () => {
    expect(parse('a={a}&b={b}{c}!')).toEqual(['a=', { key: 'a' }, '&b=', { key: 'b' }, { key: 'c' }, '!']);
    expect(parse('')).toEqual([]);
    expect(parse('plain')).toEqual(['plain']);
  });

  test('takes a key as it is', () => {
    for (const key of [
      'Key',
      'first name',
      ' x ',
      'user.id',
      'user:id',
      'a/b?c#d',
      '漢字',
      '__proto__',
      'a+b',
      'k'.repeat(128),
    ]) {
      expect(parse(`{${key}}`)).toEqual([{ key }]);
    }
  });

  test.each([
    ['{', '0: "{" without "}"'],
    ['ab}c', '2: "}" without "{"'],
    ['a{b{c}', '1: "{" without "}"'],
    ['{a}}', '3: "}" without "{"'],
    ['{}', '0: the key between the braces is empty'],
    [`{${'k'.repeat(129)}}`, '0: the key is longer than 128 characters'],
    ['{a,b}', '0: a list of keys is not supported, only {key}'],
    ['{a*}', '0: a modifier at the end of the key is not supported, only {key}'],
    ['{a:30}', '0: a modifier at the end of the key is not supported, only {key}'],
  ])('refuses %s with the position of the brace', (text, fault) => {
    expect(parse(text)).toEqual([fault]);
  });

  test.each([...'+#./;?&=,!@|'])('refuses the operator %s', (operator) => {
    expect(parse(`x{${operator}a}`)).toEqual([`1: the operator "${operator}" is not supported, only {key}`]);
  });

  test('names every fault, up to 20', () => {
    expect(parse('{a}}{}{+b}')).toHaveLength(3);
    expect(parse('}'.repeat(100_000))).toHaveLength(20);
  });

  test('leaves the braces of JSON in a body alone', () => {
    expect(parse('{"a":"{a}","b":{ "c":{c}},"d":{}}', 'body')).toEqual([
      '{"a":"',
      { key: 'a' },
      '","b":{ "c":',
      { key: 'c' },
      '},"d":{}}',
    ]);
    expect(parse('{{a}}', 'body')).toEqual(['{', { key: 'a' }, '}']);
    expect(parse('x{', 'body')).toEqual(['x{']);
    expect(parse('x{a', 'body')).toEqual(['1: "{" without "}"']);
    expect(parse('{+a}', 'body')).toEqual(['0: the operator "+" is not supported, only {key}']);
  });
});
