import { isLoopback, openDoorsFault } from '@postback/core/access/openDoors';

test.each(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '[::1]', 'LOCALHOST'])('%s is loopback', (address) =>
  expect(isLoopback(address)).toBe(true),
);

test.each([
  '0.0.0.0',
  '::',
  '[::]',
  '192.168.1.2',
  '10.0.0.1',
  '127.0.0.1.example',
  '127.1',
  '',
  '*',
  '::ffff:127.0.0.1',
])('%j is not taken for loopback', (address) => expect(isLoopback(address)).toBe(false));

test('what is missing is named in one line, with a way to make it', () => {
  expect(openDoorsFault('0.0.0.0', { A: false, B: true, C: false })).toBe(
    'HTTP_BIND=0.0.0.0 lets others in: set A and C first, for example A=$(openssl rand -hex 32) C=$(openssl rand -hex 32) (docs/access.md)',
  );
  expect(openDoorsFault('0.0.0.0', { A: true })).toBeUndefined();
  expect(openDoorsFault('127.0.0.1', { A: false })).toBeUndefined();
});
