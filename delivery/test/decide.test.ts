import { decide } from '../src/decide.js';
import { ERROR_CLASSES, TransportError } from '../src/http/transportError.js';

const policy = { scheduleMs: [1_000], attempts: 3 };
const answer = (status: number) => ({ status, headers: {}, body: '', isTruncated: false, phases: { totalMs: 1 } });
const decideStatus = (status: number, attemptsMade = 1) => decide(answer(status), attemptsMade, policy, () => 0.5);

test.each([200, 201, 202, 204, 299])('%i is delivered', (status) => {
  expect(decideStatus(status)).toEqual({ kind: 'delivered' });
});

test.each([408, 425, 429, 500, 502, 503, 504, 599])('%i is tried again', (status) => {
  expect(decideStatus(status)).toEqual({ kind: 'retry', delayMs: 1_000 });
});

test.each([400, 401, 403, 404, 410, 422])('%i is final', (status) => {
  expect(decideStatus(status)).toEqual({ kind: 'dead', reason: 'rejected', detail: `HTTP ${status}` });
});

test.each([300, 301, 302, 304, 307, 308])('%i is final: redirects are not followed', (status) => {
  expect(decideStatus(status)).toMatchObject({ kind: 'dead', reason: 'redirect' });
});

test.each(ERROR_CLASSES.filter((errorClass) => errorClass !== 'aborted'))(
  'error class %s is tried again',
  (errorClass) => {
    const error = new TransportError(errorClass, 'why');
    expect(decide(error, 2, policy, () => 0.5)).toEqual({ kind: 'retry', delayMs: 1_000 });
  },
);

test('after the last attempt a failure is final and says what the last one met', () => {
  expect(decideStatus(503, 3)).toEqual({ kind: 'dead', reason: 'attempts-exhausted', detail: 'HTTP 503' });
  expect(decide(new TransportError('dns', 'no such name'), 3, policy)).toEqual({
    kind: 'dead',
    reason: 'attempts-exhausted',
    detail: 'dns: no such name',
  });
});

test('an attempt that was aborted by our own stop is handed back, whatever its number', () => {
  expect(decide(new TransportError('aborted', 'stopping'), 3, policy)).toEqual({ kind: 'handed-back' });
});

test("an endpoint's own success statuses replace 2xx", () => {
  const own = { ...policy, success: new Set([302, 404]) };
  expect(decide(answer(302), 1, own)).toEqual({ kind: 'delivered' });
  expect(decide(answer(404), 1, own)).toEqual({ kind: 'delivered' });
  expect(decide(answer(200), 1, own)).toMatchObject({ kind: 'dead', reason: 'rejected' });
  expect(decide(answer(503), 1, own)).toMatchObject({ kind: 'retry' });
});
