import { byteSize } from '@postback/core/settings';

const size = byteSize({ description: 'd' });

test.each([
  ['0', 0],
  ['17', 17],
  ['4b', 4],
  ['2kb', 2_048],
  ['512mb', 536_870_912],
  ['1GB', 1_073_741_824],
  ['3tb', 3_298_534_883_328],
])("a size of %s is %d bytes, in Redis's units", (text, bytes) => {
  expect(size.parse(text)).toBe(bytes);
});

test.each(['', '-1', '1.5gb', '5%', '1 gb', '1gib', '1e9'])('"%s" is no size', (text) => {
  expect(() => size.parse(text)).toThrow(`expected a size such as 0, 512mb or 1gb, got "${text}"`);
});
