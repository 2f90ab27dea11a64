import { randomBytes } from 'node:crypto';
import { parseDeliveryConfig } from '../../src/config.js';
import { parseSigningSecrets } from '../../src/signing/signingKeys.js';

const secretOf = (bytes: number) => `whsec_${randomBytes(bytes).toString('base64')}`;

test.each([
  ['', 0],
  [secretOf(24), 1],
  [`${secretOf(32)},${secretOf(64)}`, 2],
  [` ${secretOf(32)}\n${secretOf(24).replace(/=+$/, '')}\n`, 2],
])('%j holds the keys it should', (text, count) => {
  expect(parseSigningSecrets(text)).toHaveLength(count);
});

const twin = secretOf(24);
test.each([
  [secretOf(23), 'secret 1: expected 24 to 64 bytes, got 23'],
  [secretOf(65), 'secret 1: expected 24 to 64 bytes, got 65'],
  [`${secretOf(24)},${'a'.repeat(40)}`, 'secret 2: expected whsec_ and base64'],
  ['whsec_', 'secret 1: expected whsec_ and base64'],
  [`whsec_${'*'.repeat(40)}`, 'secret 1: expected whsec_ and base64'],
  [`${twin},${twin}`, 'both secrets are the same'],
  [[24, 25, 26].map(secretOf).join(), 'expected at most 2 secrets, got 3'],
])('%s is refused, by a sentence that does not show it', (text, expected) => {
  let message = '';
  try {
    parseSigningSecrets(text);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toBe(expected);
});

test('delivery does not start with a wrong one', () => {
  expect(() => parseDeliveryConfig({ SIGNING_SECRETS: 'whsec_nonsense*' })).toThrow(
    'invalid setting SIGNING_SECRETS: secret 1: expected whsec_ and base64',
  );
});
