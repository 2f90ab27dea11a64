import { concealSecrets } from '../src/conceal.js';

const SECRETS = new Map([['partner_a', 'Bearer s3cr"et/value']]);
const answerOf = (body: string, isTruncated = false) => ({
  status: 200,
  headers: {},
  body,
  isTruncated,
  phases: { totalMs: 1 },
});
const concealed = (body: string, isTruncated = false) => concealSecrets(answerOf(body, isTruncated), SECRETS).body;

test.each([
  ['you sent Bearer s3cr"et/value.', 'you sent [secret partner_a].'],
  ['twice s3cr"et/value s3cr"et/value', 'twice [secret partner_a] [secret partner_a]'],
  ['{"authorization":"Bearer s3cr\\"et/value"}', '{"authorization":"[secret partner_a]"}'],
  ['?token=s3cr%22et%2Fvalue', '?token=[secret partner_a]'],
  ['nothing of it', 'nothing of it'],
])('%j becomes %j', (body, expected) => {
  expect(concealed(body)).toBe(expected);
});

test('what was cut off in the middle of a secret does not show its beginning', () => {
  expect(concealed('you sent Bearer s3cr"et/va', true)).toBe('you sent [secret partner_a]');
  expect(concealed('you sent s3cr', true)).toBe('you sent [secret partner_a]');
});

test('an answer without a secret stays the same one', () => {
  const answer = answerOf('ok');
  expect(concealSecrets(answer, SECRETS)).toBe(answer);
});
