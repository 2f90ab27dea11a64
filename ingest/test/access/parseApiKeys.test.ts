import { findSecret } from '@postback/core/access/secrets';
import { parseApiKeys } from '../../src/access/parseApiKeys.js';

const [A, B, C] = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb', 'cccccccccccccccc'];

test('a list of named and bare keys, with and without a rate', () => {
  const keys = parseApiKeys(`acme:${A}, ${B} ,partner.1:${C}:50,`);
  expect(keys.map(({ name, perSecond }) => [name, perSecond])).toEqual([
    ['acme', undefined],
    ['key-2', undefined],
    ['partner.1', 50],
  ]);
  expect(findSecret(B, keys)?.name).toBe('key-2');
  expect(JSON.stringify(keys)).not.toContain(B);
});

test('a file has one per line; comments and empty lines count for nothing', () => {
  const keys = parseApiKeys(`# ours\n\nacme:${A} # since May\r\n  other:${B}:0\n#gone:${C}\n`);
  expect(keys.map(({ name, perSecond }) => [name, perSecond])).toEqual([
    ['acme', undefined],
    ['other', 0],
  ]);
});

test('a name stands twice while its key is exchanged', () => {
  const keys = parseApiKeys(`acme:${A},acme:${B}`);
  expect([findSecret(A, keys)?.name, findSecret(B, keys)?.name]).toEqual(['acme', 'acme']);
});

test('nothing is no key', () => expect(parseApiKeys('')).toEqual([]));

test.each([
  [`acme:short`, 'entry 1: the key of acme is shorter than 16'],
  [`acme:${A},other:${A}`, 'entry 2: it is the same key as that of acme'],
  [`${A},${A}`, 'entry 2: it is the same key as that of key-1'],
  [`key-2:${A},${B}`, 'entry 2: the name key-2 is taken'],
  [`acme:${A}:1,acme:${B}:2`, 'entry 2: the keys of acme have different rates'],
  [`:${A}`, 'entry 1: its name is not'],
  [`a b:${A}`, 'entry 1: its name is not'],
  [`acme:${A}:-1`, 'entry 1: its rate is not'],
  [`acme:${A}:1e3`, 'entry 1: its rate is not'],
  [`acme:${A}:1000001`, 'entry 1: its rate is not'],
  [`acme:${A}:1:2`, 'entry 1: expected name:key'],
  [`acme:${A}é`, 'entry 1: the key of acme has characters'],
])('refused without being shown: %s', (text, message) => {
  expect(() => parseApiKeys(text)).toThrow(message);
  expect(() => parseApiKeys(text)).not.toThrow(/aaaa|bbbb/);
});
