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
