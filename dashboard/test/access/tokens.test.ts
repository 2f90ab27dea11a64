import { createTokens } from '../../src/access/tokens.js';

const [TOKEN, READ] = ['operators-operators', 'readers-readers-readers'];
const tokens = createTokens({ token: TOKEN, readToken: READ });
const NOW = 1_700_000_000_000;
const session = tokens.sign({ kind: 'reader', expiresAt: NOW + 1_000 });

test('each token is known for what it is', () => {
  expect([TOKEN, READ, `${TOKEN} `, ''].map((token) => tokens.kindOf(token))).toEqual([
    'operator',
    'reader',
    undefined,
    undefined,
  ]);
});

test('a session holds until its time, and not a moment longer', () => {
  expect(tokens.readSession(session, NOW + 999)).toEqual({ kind: 'reader', expiresAt: NOW + 1_000 });
  expect(tokens.readSession(session, NOW + 1_000)).toBeUndefined();
});

test('no character of a session can be changed, left out or added', () => {
  for (let at = 0; at < session.length; at++) {
    const other = session[at] === 'A' ? 'B' : 'A';
    expect(tokens.readSession(session.slice(0, at) + other + session.slice(at + 1), NOW)).toBeUndefined();
    expect(tokens.readSession(session.slice(0, at) + session.slice(at + 1), NOW)).toBeUndefined();
  }
  for (const text of ['', `${session}A`, session.replace('reader', 'operator'), 'operator.9999999999999.x.y', '....']) {
    expect(tokens.readSession(text, NOW)).toBeUndefined();
  }
});

test('with another token its sessions are over, those of the other go on', () => {
  const changed = createTokens({ token: 'another-another-another', readToken: READ });
  expect(changed.readSession(session, NOW)?.kind).toBe('reader');
  const operator = tokens.sign({ kind: 'operator', expiresAt: NOW + 1_000 });
  expect(tokens.readSession(operator, NOW)?.kind).toBe('operator');
  expect(changed.readSession(operator, NOW)).toBeUndefined();
});

test('a session shows nothing of the token', () => {
  expect(session).not.toContain(READ);
  expect(Buffer.from(session, 'base64url').toString()).not.toContain(READ);
});

test('without tokens none is required, and no session is one', () => {
  const open = createTokens({ token: '', readToken: '' });
  expect(open.isRequired).toBe(false);
  expect(open.kindOf('')).toBeUndefined();
  expect(open.readSession(session, NOW)).toBeUndefined();
});
