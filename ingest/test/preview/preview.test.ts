import { parseAllowedTarget } from '@postback/core/net/allowedTarget';
import { knownEndpoints } from '../../src/knownEndpoints.js';
import { preview, type AttemptDefaults } from '../../src/preview/preview.js';
import { deliveryReader } from '../../src/readDelivery.js';
import { readRequest } from '../../src/readRequest.js';

const NOW = Date.UTC(2026, 10, 24, 1, 0, 0);
const DEFAULTS: AttemptDefaults = { scheduleMs: [5_000], attempts: 3, ttlMs: 3_600_000, timeoutMs: 10_000 };
const CAPS = { MAX_DELAY: 3_600_000, TTL_MAX: 7_200_000, ATTEMPT_TIMEOUT_MAX: 10_000, RETRY_ATTEMPTS_MAX: 20 };
const READERS = {
  lookUp: knownEndpoints({ defaultValue: 'n/a', maxUrlBytes: 8_192, allowedTargets: ['h'].map(parseAllowedTarget) }),
  secrets: { find: () => ({ kind: 'refused' as const, detail: 'there are none' }) },
  readDelivery: deliveryReader({ caps: CAPS, defaultValue: 'n/a', now: () => NOW }),
};

const previewOf = (request: object) =>
  preview(readRequest(Buffer.from(JSON.stringify(request)), READERS), DEFAULTS, NOW);
const warningsOf = (request: object) =>
  previewOf(request).warnings.map(({ pointer, detail }) => `${pointer}: ${detail}`);

describe('what is shown', () => {
  test('is the request of each data object, without what is only known at an attempt', () => {
    const shown = previewOf({
      endpoint: {
        method: 'POST',
        url: 'https://user:pass@h/{a}',
        headers: { 'X-Id': 'n{a}', 'Content-Type': 'application/json' },
        body: '{"a":{a}}',
      },
      delivery: { reference: 'order-{a}' },
      data: [{ a: 1 }, { a: 12345678901234567890n.toString() }],
    });
    const computed = { computed: expect.any(String) };
    expect(shown.postbacks).toEqual([
      {
        method: 'POST',
        url: 'https://h/1',
        headers: {
          accept: '*/*',
          authorization: computed,
          'content-type': 'application/json',
          'postback-attempt': '1',
          'postback-id': computed,
          'user-agent': 'Postback-Delivery/1',
          'webhook-id': computed,
          'webhook-signature': computed,
          'webhook-timestamp': computed,
          'x-id': 'n1',
        },
        body: '{"a":1}',
        reference: 'order-1',
      },
      expect.objectContaining({ url: 'https://h/12345678901234567890', body: '{"a":"12345678901234567890"}' }),
    ]);
    expect(JSON.stringify(shown)).not.toContain(Buffer.from('user:pass').toString('base64'));
  });

  test('has an end: of 1,000 times the same long body the first ones', () => {
    const endpoint = { method: 'POST', url: 'https://h/', headers: { 'Content-Type': 'text/plain' } };
    const data = Array.from({ length: 1_000 }, () => ({ a: 1 }));
    const shown = previewOf({ endpoint: { ...endpoint, body: `{a}${'x'.repeat(30_000)}` }, data });
    expect(shown.postbacks.length).toBeGreaterThan(200);
    expect(shown.postbacks.length + shown.omitted).toBe(1_000);
    expect(JSON.stringify(shown).length).toBeLessThan(10_000_000);
  });
});

describe('the timetable', () => {
  const endpoint = { method: 'GET', url: 'https://h/?a={a}' };
  const data = [{ a: 1 }];

  test("is the installation's where the request says nothing", () => {
    expect(previewOf({ endpoint, data }).timetable).toMatchObject({
      firstAttemptAt: '2026-11-24T01:00:00.000Z',
      timeoutSeconds: 10,
      ttlSeconds: 3_600,
      attempts: [{ attempt: 1 }, { attempt: 2, earliestSeconds: 4, latestSeconds: 6 }, { attempt: 3 }],
    });
  });

  test("is the request's where it does", () => {
    const delivery = {
      delaySeconds: 60,
      timeoutSeconds: 2,
      ttlSeconds: 50,
      retry: { attempts: 2, scheduleSeconds: [1] },
    };
    expect(previewOf({ endpoint, delivery, data }).timetable).toEqual({
      firstAttemptAt: '2026-11-24T01:01:00.000Z',
      timeoutSeconds: 2,
      ttlSeconds: 50,
      attempts: [
        { attempt: 1, earliestSeconds: 0, latestSeconds: 0 },
        { attempt: 2, earliestSeconds: 0.8, latestSeconds: 1.2 },
      ],
    });
  });
});

describe('a warning', () => {
  const GET = { method: 'GET', url: 'https://h/?a={a}&b={b}' };
  const POST = { method: 'POST', url: 'https://h/' };

  test('is not there when nothing is odd', () => {
    expect(warningsOf({ endpoint: GET, data: [{ a: 1, b: '' }] })).toEqual([]);
    expect(warningsOf({ endpoint: POST, data: [{ whatever: 1 }] })).toEqual([]);
  });

  test.each<[string, object, string[]]>([
    [
      'a key that is missing, once for all data objects',
      { endpoint: GET, data: [{ a: 1, b: 2 }, { a: 1 }, { a: 1, b: null }] },
      ['/data/1/b: is missing or null; it becomes DEFAULT_VALUE (in 2 data objects)'],
    ],
    [
      'a key in another spelling, from both sides',
      { endpoint: { ...GET, url: 'https://h/?u={userId}' }, data: [{ userid: 1 }] },
      [
        '/data/0/userId: is missing or null (did you mean "userid"?); it becomes DEFAULT_VALUE',
        '/data/0/userid: no template uses this key (did you mean "userId"?)',
      ],
    ],
    [
      'a key that is left out',
      { endpoint: { ...GET, unmatched: 'omit' }, data: [{ a: 1 }] },
      ['/data/0/b: is missing or null; a query parameter with it is left out'],
    ],
    [
      'a default that nobody uses',
      { endpoint: { ...GET, defaults: { b: 0, c: 1 } }, data: [{ a: 1 }] },
      ['/endpoint/defaults/c: no template uses this key'],
    ],
    [
      'a key that only the reference uses is used',
      { endpoint: GET, delivery: { reference: '{r}' }, data: [{ a: 1, b: 2, r: 3 }] },
      [],
    ],
    [
      'a body whose type nobody knows',
      { endpoint: { ...POST, body: 'a={a}' }, data: [{ a: 1 }] },
      ['/endpoint/body: has no Content-Type header: values are put in as they are, and the receiver has to guess'],
    ],
    [
      'a body of a GET',
      { endpoint: { ...GET, headers: { 'Content-Type': 'text/plain' }, body: 'x' }, data: [{ a: 1, b: 2 }] },
      ['/endpoint/body: many receivers ignore or refuse the body of a GET'],
    ],
    [
      'a type without a body',
      { endpoint: { ...GET, headers: { 'Content-type': 'text/plain' } }, data: [{ a: 1, b: 2 }] },
      ['/endpoint/headers/Content-type: there is no body that it could describe'],
    ],
    [
      'an answer that would be compressed',
      { endpoint: { ...POST, headers: { 'Accept-Encoding': 'gzip' } }, data: [{}] },
      ['/endpoint/headers/Accept-Encoding: answers are never decompressed: a compressed one is kept unreadable'],
    ],
    [
      'a password on the open road',
      { endpoint: { ...POST, url: 'http://u:p@h/' }, data: [{}] },
      ['/endpoint/url: its password is sent unencrypted, since the URL is not https:'],
    ],
    [
      'a ttl that ends before the attempts do',
      { endpoint: POST, delivery: { ttlSeconds: 1 }, data: [{}] },
      ['/delivery/ttlSeconds: the ttl of 1 seconds leaves time for 1 of 3 attempts'],
    ],
    [
      'a time that has passed',
      { endpoint: POST, delivery: { deliverAt: '2020-01-01T00:00:00Z' }, data: [{}] },
      ['/delivery/deliverAt: has passed: the first attempt is due at once'],
    ],
  ])('%s', (_what, request, expected) => {
    expect(warningsOf(request)).toEqual(expected);
  });

  test('about many keys stays short', () => {
    const data = [Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, n]))];
    expect(warningsOf({ endpoint: GET, data }).length).toBeLessThanOrEqual(50);
  });
});
