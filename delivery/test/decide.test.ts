import { parseDeliveryConfig } from '../src/config.js';
import { decide, type AttemptFacts } from '../src/decide.js';
import { ERROR_CLASSES, TransportError } from '../src/http/transportError.js';
import { defaultPolicy } from '../src/policy.js';

const NOW = Date.UTC(2026, 10, 23, 22, 0, 0);
const policy = defaultPolicy(parseDeliveryConfig({ RETRY_SCHEDULE: '1s', RETRY_ATTEMPTS: '3' }));
const facts: AttemptFacts = { attemptsMade: 1, nowMs: NOW, expiresAtMs: NOW + 259_200_000, policy };
const half = () => 0.5;
const answer = (status: number, headers: Record<string, string | string[]> = {}) => ({
  status,
  headers,
  body: '',
  isTruncated: false,
  phases: { totalMs: 1 },
});
const decideStatus = (status: number, more: Partial<AttemptFacts> = {}) =>
  decide(answer(status), { ...facts, ...more }, half);

describe('with the defaults', () => {
  test.each([200, 201, 202, 204, 299])('%i is delivered', (status) => {
    expect(decideStatus(status)).toEqual({ kind: 'delivered' });
  });

  test.each([408, 425, 429, 500, 502, 503, 504, 599])('%i is tried again', (status) => {
    expect(decideStatus(status)).toEqual({ kind: 'retry', delayMs: 1_000 });
  });

  test.each([400, 401, 403, 404, 410, 422, 600])('%i is final', (status) => {
    expect(decideStatus(status)).toEqual({ kind: 'dead', reason: 'rejected', detail: `HTTP ${status}` });
  });

  test.each([300, 301, 302, 304, 307, 308])('%i is final: redirects are not followed', (status) => {
    expect(decideStatus(status)).toMatchObject({ kind: 'dead', reason: 'redirect' });
  });

  test.each(ERROR_CLASSES.filter((errorClass) => errorClass !== 'aborted' && errorClass !== 'forbidden-target'))(
    'error class %s is tried again',
    (errorClass) => {
      const error = new TransportError(errorClass, 'why');
      expect(decide(error, { ...facts, attemptsMade: 2 }, half)).toEqual({ kind: 'retry', delayMs: 1_000 });
    },
  );
});

test('after the last attempt a failure is final and says what the last one met', () => {
  const last = { ...facts, attemptsMade: 3 };
  expect(decideStatus(503, last)).toEqual({ kind: 'dead', reason: 'attempts-exhausted', detail: 'HTTP 503' });
  expect(decide(new TransportError('dns', 'no such name'), last)).toEqual({
    kind: 'dead',
    reason: 'attempts-exhausted',
    detail: 'dns: no such name',
  });
});

test('what the address guard refuses is final at once', () => {
  const error = new TransportError('forbidden-target', 'h is a loopback address');
  const letter = { kind: 'dead', reason: 'forbidden-target', detail: 'h is a loopback address' };
  expect(decide(error, { ...facts, attemptsMade: 1 })).toEqual(letter);
});

test('an attempt that was aborted by our own stop is handed back, whatever its number', () => {
  const aborted = new TransportError('aborted', 'stopping');
  expect(decide(aborted, { ...facts, attemptsMade: 3 })).toEqual({ kind: 'handed-back' });
});

describe('statuses of their own', () => {
  const decideWith = (env: Record<string, string>, status: number) =>
    decideStatus(status, { policy: defaultPolicy(parseDeliveryConfig(env)) });

  test('SUCCESS_STATUSES replace 2xx, and win over RETRY_STATUSES', () => {
    const env = { SUCCESS_STATUSES: '302, 404, 503', RETRY_STATUSES: '2xx,404,503' };
    expect(decideWith(env, 302)).toEqual({ kind: 'delivered' });
    expect(decideWith(env, 404)).toEqual({ kind: 'delivered' });
    expect(decideWith(env, 503)).toEqual({ kind: 'delivered' });
    expect(decideWith(env, 200)).toMatchObject({ kind: 'retry' });
  });

  test('a 2xx that is neither is final, and so is a 5xx', () => {
    const env = { SUCCESS_STATUSES: '200', RETRY_STATUSES: '429' };
    expect(decideWith(env, 204)).toMatchObject({
      kind: 'dead',
      reason: 'rejected',
      detail: expect.stringContaining('not among'),
    });
    expect(decideWith(env, 500)).toMatchObject({ kind: 'dead', reason: 'rejected' });
    expect(decideWith(env, 429)).toMatchObject({ kind: 'retry' });
  });

  test('a redirect among RETRY_STATUSES is tried again', () => {
    expect(decideWith({ RETRY_STATUSES: '3xx' }, 302)).toMatchObject({ kind: 'retry' });
  });
});

describe('Retry-After', () => {
  const decideAsked = (value: string | string[], status = 429, more: Partial<AttemptFacts> = {}) =>
    decide(answer(status, { 'retry-after': value }), { ...facts, ...more }, half);

  test.each([
    ['120', 120_000],
    [' 7 ', 7_000],
    ['Mon, 23 Nov 2026 22:05:00 GMT', 300_000],
    ['Monday, 23-Nov-26 22:05:00 GMT', 300_000],
    ['Mon Nov 23 22:05:00 2026', 300_000],
    ['3601', 3_600_000],
    ['999999999999999999999999', 3_600_000],
    ['Tue, 23 Nov 2049 22:05:00 GMT', 3_600_000],
  ])('%s puts the next attempt off, up to RETRY_AFTER_MAX', (value, delayMs) => {
    expect(decideAsked(value)).toEqual({ kind: 'retry', delayMs, holdMs: delayMs });
    expect(decideAsked(value, 503)).toEqual({ kind: 'retry', delayMs, holdMs: delayMs });
  });

  test.each([
    '-5',
    '1.5',
    '5s',
    'soon',
    'in 5 minutes',
    '2026-11-23',
    'Mon, 99 Nov 2026 99:05:00 GMT',
    '',
    '+5',
    '0x10',
    '1e3',
  ])('"%s" is ignored', (value) => {
    expect(decideAsked(value)).toEqual({ kind: 'retry', delayMs: 1_000 });
  });

  test('sent twice is ignored', () => {
    expect(decideAsked(['5', '6'])).toEqual({ kind: 'retry', delayMs: 1_000 });
  });

  test.each(['0', 'Mon, 23 Nov 2026 21:00:00 GMT'])('%s never makes the schedule shorter', (value) => {
    expect(decideAsked(value)).toEqual({ kind: 'retry', delayMs: 1_000, holdMs: 0 });
  });

  test('counts on 429 and 503 only', () => {
    expect(decideAsked('120', 500)).toEqual({ kind: 'retry', delayMs: 1_000 });
    expect(decideAsked('120', 404)).toMatchObject({ kind: 'dead' });
  });

  test('that leads beyond the ttl ends the postback', () => {
    expect(decideAsked('120', 503, { expiresAtMs: NOW + 60_000 })).toMatchObject({ kind: 'dead', reason: 'expired' });
  });
});

test.each([
  [1_001, 'retry'],
  [1_000, 'dead'],
  [0, 'dead'],
])('with %i ms left of its ttl a retry after 1,000 ms means %s', (leftMs, kind) => {
  const decision = decideStatus(503, { expiresAtMs: NOW + leftMs });
  expect(decision.kind).toBe(kind);
  if (decision.kind === 'dead')
    expect(decision).toMatchObject({ reason: 'expired', detail: expect.stringMatching(/^HTTP 503; .*ttl/) });
});
