import { LOOPBACK_TARGETS } from '@postback/core/testing/loopbackTargets';
import { knownEndpoints } from '../src/knownEndpoints.js';

const lookUp = knownEndpoints({ defaultValue: '', maxUrlBytes: 8_192, allowedTargets: LOOPBACK_TARGETS });

test('the same text is examined once and has one name', () => {
  const json = '{"method":"GET","url":"http://h/?a={a}"}';
  const first = lookUp(json);
  expect(lookUp(`${json}`)).toBe(first);
  expect(first).toMatchObject({ kind: 'ok', hash: expect.stringMatching(/^[\w-]{22}$/) });
});

test('another text has another name', () => {
  const hashes = ['a', 'b'].map((key) => lookUp(`{"method":"GET","url":"http://h/?a={${key}}"}`));
  expect(hashes[0]).not.toEqual(hashes[1]);
});

test('an endpoint of more than 32 KiB is refused: every dead letter would carry a copy', () => {
  const json = (length: number) => {
    const head = '{"method":"POST","url":"http://h/","body":"';
    return `${head}${'x'.repeat(length - head.length - 2)}"}`;
  };
  expect(lookUp(json(32_768))).toMatchObject({ kind: 'ok' });
  expect(lookUp(json(32_769))).toMatchObject({ kind: 'faults', faults: [{ pointer: '/endpoint' }] });
});

test('a faulty endpoint is answered with its faults, again and again', () => {
  const json = '{"method":"GET","url":"gopher://h/"}';
  expect(lookUp(json)).toMatchObject({ kind: 'faults', faults: [{ pointer: '/endpoint/url' }] });
  expect(lookUp(json)).toBe(lookUp(json));
});
