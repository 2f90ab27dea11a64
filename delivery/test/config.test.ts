import { parseDeliveryConfig } from '../src/config.js';

test('the defaults fit together', () => {
  expect(parseDeliveryConfig({})).toMatchObject({
    RETRY_SCHEDULE: [5e3, 30e3, 120e3, 600e3, 1_800e3, 3_600e3, 7_200e3, 14_400e3, 28_800e3],
    RETRY_ATTEMPTS: 10,
    DEFAULT_VALUE: '',
  });
});

test('a CLAIM_IDLE that would take over postbacks under way is refused by name', () => {
  expect(() => parseDeliveryConfig({ CLAIM_IDLE: '20s' })).toThrow(/^invalid setting CLAIM_IDLE: .*ATTEMPT_TIMEOUT/);
  expect(parseDeliveryConfig({ CLAIM_IDLE: '20001ms' }).CLAIM_IDLE).toBe(20_001);
});

test('an empty RETRY_SCHEDULE is refused by name', () => {
  expect(() => parseDeliveryConfig({ RETRY_SCHEDULE: ',' })).toThrow(/^invalid setting RETRY_SCHEDULE/);
});

test('a CLAIM_IDLE shorter than twice what a request may ask for is refused by name', () => {
  expect(() => parseDeliveryConfig({ ATTEMPT_TIMEOUT_MAX: '20s' })).toThrow(
    /CLAIM_IDLE: .*ATTEMPT_TIMEOUT_MAX \(20000ms\)/,
  );
  expect(parseDeliveryConfig({ ATTEMPT_TIMEOUT_MAX: '20s', CLAIM_IDLE: '41s' }).ATTEMPT_TIMEOUT_MAX).toBe(20_000);
  expect(parseDeliveryConfig({ ATTEMPT_TIMEOUT_MAX: '1s' }).ATTEMPT_TIMEOUT_MAX).toBe(1_000);
});

test.each(['6xx', '1xx', '200-299', '99', ','])('%s is no list of statuses', (value) => {
  expect(() => parseDeliveryConfig({ RETRY_STATUSES: value })).toThrow(/^invalid setting RETRY_STATUSES/);
});

test('DNS_SERVERS takes addresses only: a name would have to be resolved first', () => {
  expect(parseDeliveryConfig({ DNS_SERVERS: '192.0.2.1, [2001:db8::1]:5353' }).DNS_SERVERS).toHaveLength(2);
  expect(() => parseDeliveryConfig({ DNS_SERVERS: 'dns.example' })).toThrow(/^invalid setting DNS_SERVERS/);
});
