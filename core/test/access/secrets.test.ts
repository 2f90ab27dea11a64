import { bearerToken, digestOf, findSecret, secretFault } from '@postback/core/access/secrets';

const known = ['one-secret-of-many', 'another-secret-xx', 'the-third-secret-'].map((text) => ({
  text,
  digest: digestOf(text),
}));

test.each(known)('the secret $text is found, wherever it stands', ({ text }) => {
  expect(findSecret(text, known)?.text).toBe(text);
});

test.each(['', 'one-secret-of-man', 'one-secret-of-many ', 'ONE-SECRET-OF-MANY', 'x'.repeat(100_000)])(
  'what is not quite one is not found',
  (presented) => expect(findSecret(presented, known)).toBeUndefined(),
);

test.each([
  ['Bearer abc', 'abc'],
  ['bearer  abc ', 'abc'],
  ['Basic abc', undefined],
  ['Bearer', undefined],
  ['Bearer a b', undefined],
  ['xBearer abc', undefined],
  [undefined, undefined],
])('the header %j gives the token %j', (header, token) => expect(bearerToken(header)).toBe(token));

test('a fault of a secret says what is wrong and not what it is', () => {
  expect(secretFault('fifteen-letters')).toContain('shorter than 16');
  expect(secretFault('with blanks in between')).toMatch(/^has characters other/);
  expect(secretFault('x'.repeat(257))).toContain('longer');
  expect(secretFault('sixteen-letters-')).toBeUndefined();
});
