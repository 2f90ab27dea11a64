/** What ingest takes is what docs/openapi.yaml says it takes: both judge the same requests. */
import { Problem } from '@postback/core/problem';
import { LOOPBACK_TARGETS } from '@postback/core/testing/loopbackTargets';
import { openDescription } from '@postback/core/testing/openapi';
import { knownEndpoints } from '../src/knownEndpoints.js';
import { deliveryReader } from '../src/readDelivery.js';
import { readRequest } from '../src/readRequest.js';

const HOUR = 3_600_000;
const readers = {
  lookUp: knownEndpoints({ defaultValue: '', maxUrlBytes: 8_192, allowedTargets: LOOPBACK_TARGETS }),
  secrets: { find: () => ({ kind: 'refused' as const, detail: 'there are none' }) },
  readDelivery: deliveryReader({
    caps: { MAX_DELAY: 1_000 * HOUR, TTL_MAX: 1_000 * HOUR, ATTEMPT_TIMEOUT_MAX: HOUR, RETRY_ATTEMPTS_MAX: 100 },
    defaultValue: '',
    now: () => Date.parse('2026-11-24T00:00:00Z'),
  }),
};
const description = openDescription();

const URL = 'http://127.0.0.1/{a}';
const request = (endpoint: object = {}, delivery?: unknown, data: unknown = [{ a: 1 }]) => ({
  endpoint: { method: 'GET', url: URL, ...endpoint },
  ...(delivery === undefined ? {} : { delivery }),
  data,
});

function isTaken(body: unknown): boolean {
  try {
    readRequest(Buffer.from(JSON.stringify(body)), readers);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === 'invalid-request') return false;
    throw error;
  }
}

const GOOD: unknown[] = [
  request(),
  request({ method: 'DELETE' }),
  request({ method: 'POST', body: null }),
  request({ method: 'PUT', body: '{a}', headers: { 'Content-Type': 'text/plain', 'X-Of': '{a}' } }),
  request({ defaults: { a: 1, b: 'x', c: [1] } }),
  ...['default', 'omit', 'reject'].map((unmatched) => request({ url: 'http://127.0.0.1/?q={a}', unmatched })),
  request({ success: ['2xx', 302, 599] }),
  request({}, {}),
  request({}, { delaySeconds: 0.5, ttlSeconds: 60, timeoutSeconds: 1.5, reference: 'order {a}' }),
  request({}, { deliverAt: '2026-11-25T08:00:00Z' }),
  request({}, { retry: { attempts: 3, scheduleSeconds: [1, 0, 2.5], statuses: [404, '3xx'] } }),
  request(
    {},
    undefined,
    Array.from({ length: 1_000 }, () => ({})),
  ),
];

const BAD: unknown[] = [
  null,
  [],
  {},
  { data: [{}] },
  { endpoint: { method: 'GET', url: URL } },
  { ...request(), more: 1 },
  request({ method: 'TRACE' }),
  request({ method: 'get' }),
  request({ url: '' }),
  request({ url: 7 }),
  request({ headers: [] }),
  request({ headers: { 'X-A': 1 } }),
  request({ headers: { 'X-A': { secret: 1 } } }),
  request({ headers: { 'X-A': { secret: '../a' } } }),
  request({ headers: { 'X-A': { secret: 'a', more: 1 } } }),
  request({ body: {} }),
  request({ defaults: [] }),
  request({ unmatched: 'ignore' }),
  request({ success: [] }),
  request({ success: [199] }),
  request({ success: [600] }),
  request({ success: ['6xx'] }),
  request({ success: [200.5] }),
  request({ success: 'all' }),
  request({ mehtod: 'GET' }),
  request({}, null),
  request({}, { delaySeconds: -1 }),
  request({}, { delaySeconds: '5' }),
  request({}, { deliverAt: 5 }),
  request({}, { ttlSeconds: 0 }),
  request({}, { timeoutSeconds: 0.01 }),
  request({}, { retry: { attempts: 0 } }),
  request({}, { retry: { attempts: 1.5 } }),
  request({}, { retry: { scheduleSeconds: [] } }),
  request({}, { retry: { scheduleSeconds: [-1] } }),
  request({}, { retry: { statuses: ['1xx'] } }),
  request({}, { retry: { often: true } }),
  request({}, { reference: '' }),
  request({}, { reference: 'x'.repeat(201) }),
  request({}, { later: 1 }),
  request({}, undefined, {}),
  request({}, undefined, []),
  request({}, undefined, ['text']),
  request({}, undefined, [[]]),
  request(
    {},
    undefined,
    Array.from({ length: 1_001 }, () => ({})),
  ),
];

test.each(GOOD.map((body) => [JSON.stringify(body).slice(0, 100), body]))('both take %s', (_text, body) => {
  expect({ ingest: isTaken(body), description: description.fits('IngestRequest', body) }).toEqual({
    ingest: true,
    description: true,
  });
});

test.each(BAD.map((body) => [JSON.stringify(body).slice(0, 100), body]))('both refuse %s', (_text, body) => {
  expect({ ingest: isTaken(body), description: description.fits('IngestRequest', body) }).toEqual({
    ingest: false,
    description: false,
  });
});
