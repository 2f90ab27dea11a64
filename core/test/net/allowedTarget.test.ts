import { parseAllowedTarget } from '../../src/net/allowedTarget.js';

test.each([
  'sink',
  'sink:8090',
  'host.docker.internal',
  '127.0.0.1:8090',
  '10.0.0.0/8',
  '::1',
  '[::1]:80',
  'fd00::/8',
  'A.example',
])('%s is understood', (item) => {
  expect(parseAllowedTarget(item).text).toBe(item.toLowerCase());
});

test.each([
  'http://sink',
  'sink:0',
  'sink:99999',
  'sink:x',
  '10.0.0.0/33',
  '10.0.0.0/8/8',
  '10.0.0/8',
  '[::1',
  'a b',
  '*',
  'sink/path',
  '127.1', // what a URL makes of it is written otherwise: it would never be met
  '0x7f.0.0.1',
  '2130706433',
])('%s is refused, saying what was expected', (item) => {
  expect(() => parseAllowedTarget(item)).toThrow(/^expected a host, host:port, address or CIDR/);
});
