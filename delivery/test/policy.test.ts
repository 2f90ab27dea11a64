import { parseDeliveryConfig } from '../src/config.js';
import { defaultPolicy, expiresAt, policyOf } from '../src/policy.js';

const defaults = defaultPolicy(parseDeliveryConfig({ ATTEMPT_TIMEOUT: '5s', ATTEMPT_TIMEOUT_MAX: '12s' }));
const endpoint = { success: undefined };
const postback = { id: '0-1700000000000-0', endpointHash: 'h', data: '{}', attemptsMade: 0, history: [] };

test('without settings of its own the postback has the defaults', () => {
  expect(policyOf({}, endpoint, defaults)).toBe(defaults);
});

test("the endpoint's success statuses replace the default", () => {
  expect(policyOf({}, { success: new Set([302]) }, defaults).success).toEqual(new Set([302]));
});

test("the request's settings replace the defaults, each alone", () => {
  const policy = (settings: object) => policyOf({ settings }, endpoint, defaults);
  expect(policy({ attempts: 2 })).toEqual({ ...defaults, attempts: 2 });
  expect(policy({ scheduleMs: [7] })).toEqual({ ...defaults, scheduleMs: [7] });
  expect(policy({ ttlMs: 9 })).toEqual({ ...defaults, ttlMs: 9 });
  expect(policy({ timeoutMs: 500 })).toEqual({ ...defaults, timeoutMs: 500 });
});

test("the request's retry statuses come on top", () => {
  const { retry } = policyOf({ settings: { retryStatuses: [404, '3xx'] } }, endpoint, defaults);
  expect([404, 302, 503, 429].every((status) => retry.has(status))).toBe(true);
  expect(retry.has(403)).toBe(false);
});

test('no request makes an attempt longer than claiming allows for', () => {
  expect(policyOf({ settings: { timeoutMs: 60_000 } }, endpoint, defaults).timeoutMs).toBe(12_000);
});

test('the ttl begins when the first attempt is due', () => {
  expect(expiresAt(postback, { ...defaults, ttlMs: 5 })).toBe(1_700_000_000_005);
  expect(expiresAt({ ...postback, settings: { delayMs: 100 } }, { ...defaults, ttlMs: 5 })).toBe(1_700_000_000_105);
});
