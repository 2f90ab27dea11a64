import { createFailedLogins, networkOf } from '../../src/access/failedLogins.js';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:0DB8:1::6', '2001:db8:1:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['1::', '1:0:0:0::/64'],
  ['unknown', 'unknown'],
])('%s counts as %s', (address, network) => expect(networkOf(address)).toBe(network));

test('another address of the same /64 waits too, and memory is bounded', () => {
  const failed = createFailedLogins({ now: () => 0, monotonic: () => 0 });
  for (let n = 0; n < 10; n++) failed.count(`2001:db8::${n}`);
  expect(failed.waitMs('2001:db8::ffff')).toBe(6_000);
  expect(failed.waitMs('2001:db8:0:1::1')).toBe(0);
  for (let n = 0; n < 10_000; n++) failed.count(`192.0.${n >> 8}.${n & 255}`);
  expect(failed.waitMs('2001:db8::ffff')).toBe(0);
});
