import { parseAllowedTarget } from '../src/allowedTarget.js';

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
  expect(parseAllowedTarget(item)).toBe(item.toLowerCase());
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
])('%s is refused, saying what was expected', (item) => {
  expect(() => parseAllowedTarget(item)).toThrow(/^expected a host, host:port, address or CIDR/);
});
