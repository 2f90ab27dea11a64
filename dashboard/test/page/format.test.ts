import * as numbers from '../../page/src/format/numbers.js';
import { formatDistance } from '../../page/src/format/times.js';

test.each([
  [0, '0 s'],
  [0.4, '0 s'],
  [45, '45 s'],
  [60, '1 m'],
  [200, '3 m 20 s'],
  [7_500, '2 h 5 m'],
  [356_400, '4 d 3 h'],
])('%d seconds are %s', (seconds, text) => expect(numbers.formatSeconds(seconds)).toBe(text));

test.each([
  [0.2, '< 1 ms'],
  [3.14, '3.1 ms'],
  [45.6, '46 ms'],
  [1_500, '1.5 s'],
  [90_000, '1 m 30 s'],
])('%d ms are %s', (ms, text) => expect(numbers.formatMs(ms)).toBe(text));

test('a share that is not quite all or nothing does not look like it', () => {
  expect([1, 0.99999, 0.95, 0.0001, 0].map(numbers.formatShare)).toEqual([
    '100 %',
    '> 99.9 %',
    '95.0 %',
    '< 0.1 %',
    '0 %',
  ]);
});

test('rates and bytes', () => {
  expect([0, 0.02, 3.25, 1234.5].map(numbers.formatPerSecond)).toEqual(['0', '< 0.1', '3.3', '1,235']);
  expect([0, 900, 1_536, 20 * 1024 ** 2].map(numbers.formatBytes)).toEqual(['0 B', '900 B', '1.5 KB', '20 MB']);
});

test('distances go both ways', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  expect(formatDistance('2026-11-24T11:59:00Z', now)).toBe('1 m ago');
  expect(formatDistance('2026-11-24T12:00:05Z', now)).toBe('in 5 s');
  expect(formatDistance('nonsense', now)).toBe('nonsense');
});
