import type { Problem } from '@postback/core/problem';
import { LOOPBACK_TARGETS } from '@postback/core/testing/loopbackTargets';
import { knownEndpoints } from '../src/knownEndpoints.js';
import { deliveryReader } from '../src/readDelivery.js';
import { readRequest } from '../src/readRequest.js';

const NOW = Date.UTC(2026, 10, 23, 22, 0, 0);
const CAPS = { MAX_DELAY: 3_600_000, TTL_MAX: 7_200_000, ATTEMPT_TIMEOUT_MAX: 10_000, RETRY_ATTEMPTS_MAX: 20 };
const READERS = {
  lookUp: knownEndpoints({ defaultValue: '', maxUrlBytes: 8_192, allowedTargets: LOOPBACK_TARGETS }),
  secrets: { find: () => ({ kind: 'refused' as const, detail: 'there are none' }) },
  readDelivery: deliveryReader({ caps: CAPS, defaultValue: 'n/a', now: () => NOW }),
};
const ENDPOINT = { method: 'GET', url: 'http://h/?a={a}' };

const read = (delivery: unknown, data: unknown[] = [{}]) =>
  readRequest(Buffer.from(JSON.stringify({ endpoint: ENDPOINT, delivery, data })), READERS);
const settingsOf = (delivery: unknown) => read(delivery).settings;
const faultsOf = (delivery: unknown, data?: unknown[]) => {
  try {
    read(delivery, data);
  } catch (error) {
    return (error as Problem).toBody().errors?.map(({ pointer, detail }) => `${pointer}: ${detail}`);
  }
  throw new Error('nothing was refused');
};

describe('settings of the request', () => {
  test('are taken in milliseconds, and only what is set', () => {
    const retry = { attempts: 20, scheduleSeconds: [0, 0.05, 3_600], statuses: [404, '3xx'] };
    expect(settingsOf({ delaySeconds: 1.5, ttlSeconds: 7_200, timeoutSeconds: 10, retry })).toEqual({
      delayMs: 1_500,
      ttlMs: 7_200_000,
      timeoutMs: 10_000,
      attempts: 20,
      scheduleMs: [0, 50, 3_600_000],
      retryStatuses: [404, '3xx'],
    });
  });

  test.each([undefined, {}, { retry: {} }, { delaySeconds: 0 }])('%j sets nothing', (delivery) => {
    expect(settingsOf(delivery)).toEqual({});
    expect(read(delivery)).not.toHaveProperty('references');
  });

  test.each([
    ['2026-11-23T22:30:00Z', NOW + 1_800_000],
    ['2026-11-24T00:00+01:30', NOW + 1_800_000],
    ['2026-11-23T22:00:00.250Z', NOW + 250],
    ['2020-01-01T00:00:00Z', Date.UTC(2020, 0, 1)],
  ])('deliverAt %s is a time', (deliverAt, deliverAtMs) => {
    expect(settingsOf({ deliverAt })).toEqual({ deliverAtMs });
  });
});

describe('refused', () => {
  const TIME = 'expected a time with its zone, such as 2030-01-31T08:00:00Z';
  test.each<[unknown, string]>([
    [{ delaySecond: 1 }, '/delivery/delaySecond: unknown member; did you mean "delaySeconds"?'],
    [{ retry: { atempts: 1 } }, '/delivery/retry/atempts: unknown member; did you mean "attempts"?'],
    [{ delaySeconds: -1 }, '/delivery/delaySeconds: must be >= 0'],
    [{ delaySeconds: '1' }, '/delivery/delaySeconds: must be number'],
    [{ ttlSeconds: 0 }, '/delivery/ttlSeconds: must be >= 0.05'],
    [{ timeoutSeconds: null }, '/delivery/timeoutSeconds: must be number'],
    [{ retry: { attempts: 0 } }, '/delivery/retry/attempts: must be >= 1'],
    [{ retry: { attempts: 1.5 } }, '/delivery/retry/attempts: must be integer'],
    [{ retry: { scheduleSeconds: [] } }, '/delivery/retry/scheduleSeconds: must NOT have fewer than 1 items'],
    [
      { retry: { statuses: ['4xx', 99] } },
      '/delivery/retry/statuses: expected statuses (200 to 599) and classes of them ("2xx" to "5xx")',
    ],
    [{ deliverAt: 'tomorrow' }, `/delivery/deliverAt: ${TIME}`],
    [{ deliverAt: '2026-11-23T22:30:00' }, `/delivery/deliverAt: ${TIME}`],
    [{ deliverAt: '2026-13-23T22:30:00Z' }, `/delivery/deliverAt: ${TIME}`],
    [
      { delaySeconds: 0, deliverAt: '2026-11-23T22:30:00Z' },
      '/delivery/deliverAt: expected either deliverAt or delaySeconds, got both',
    ],
    [{ reference: '' }, '/delivery/reference: must NOT have fewer than 1 characters'],
    [{ reference: 'x'.repeat(201) }, '/delivery/reference: must NOT have more than 200 characters'],
    [{ reference: 'a{b' }, '/delivery/reference: "{" without "}", at character 1'],
  ])('%j', (delivery, fault) => {
    expect(faultsOf(delivery)).toEqual([fault]);
  });

  test.each<[unknown, string]>([
    [{ delaySeconds: 3_601 }, '/delivery/delaySeconds: expected at most 3600 seconds (MAX_DELAY)'],
    [{ deliverAt: '2026-11-24T00:00:00Z' }, '/delivery/deliverAt: expected at most 3600 seconds from now (MAX_DELAY)'],
    [{ ttlSeconds: 1e300 }, '/delivery/ttlSeconds: expected at most 7200 seconds (TTL_MAX)'],
    [{ timeoutSeconds: 10.001 }, '/delivery/timeoutSeconds: expected at most 10 seconds (ATTEMPT_TIMEOUT_MAX)'],
    [{ retry: { attempts: 21 } }, '/delivery/retry/attempts: expected at most 20 (RETRY_ATTEMPTS_MAX)'],
    [
      { retry: { scheduleSeconds: [1, 9_999] } },
      '/delivery/retry/scheduleSeconds/1: expected at most 3600 seconds (MAX_DELAY)',
    ],
  ])('%j, naming the cap', (delivery, fault) => {
    expect(faultsOf(delivery)).toEqual([fault]);
  });

  test('together with the faults of the endpoint', () => {
    const body = JSON.stringify({
      endpoint: { ...ENDPOINT, method: 'TRACE' },
      delivery: { ttlSeconds: '1' },
      data: [{}],
    });
    expect(() => readRequest(Buffer.from(body), READERS)).toThrow(/^\/endpoint\/method: .*and 1 more/);
  });
});

describe('the reference', () => {
  const references = (reference: string, ...data: unknown[]) => read({ reference }, data).references;

  test('is rendered for each data object, as plain text, missing values by the default', () => {
    const objects = [{ n: 1, t: 'a/b & é' }, { n: null }, {}, { n: { x: [1.1] }, t: true }];
    expect(references('order {n} {t}', ...objects)).toEqual([
      'order 1 a/b & é',
      'order n/a n/a',
      'order n/a n/a',
      'order {"x":[1.1]} true',
    ]);
  });

  test('keeps the digits of large numbers', () => {
    const body = `{"endpoint": ${JSON.stringify(ENDPOINT)}, "delivery": {"reference": "{n}"}, "data": [{"n": 12345678901234567890}]}`;
    expect(readRequest(Buffer.from(body), READERS).references).toEqual(['12345678901234567890']);
  });

  test('never expands a value', () => {
    expect(references('{a}', { a: '{b}', b: 'x' })).toEqual(['{b}']);
  });

  test('that would be longer than 200 characters is refused for its data object', () => {
    expect(references('{a}', { a: 'x'.repeat(200) })).toEqual(['x'.repeat(200)]);
    expect(faultsOf({ reference: '{a}' }, [{ a: 1 }, { a: 'x'.repeat(201) }])).toEqual([
      '/data/1: the rendered reference would be longer than 200 characters',
    ]);
  });
});
