import { childOf, readTraceContext, traceIdOf } from '../src/traceContext.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

test.each([PARENT, `00-${TRACE}-b7ad6b7169203331-00`, `00-${TRACE}-b7ad6b7169203331-ff`])(
  '%s is taken',
  (traceparent) => {
    expect(readTraceContext({ traceparent })).toEqual({ traceparent });
    expect(traceIdOf(traceparent)).toBe(TRACE);
  },
);

test.each([
  ['nothing', undefined],
  ['an empty one', ''],
  ['upper case', PARENT.toUpperCase()],
  ['a version of the future', `01${PARENT.slice(2)}`],
  ['a version of the future with more behind it', `01${PARENT.slice(2)}-what-the-future-brings`],
  ['the forbidden version', `ff${PARENT.slice(2)}`],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
  ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['a short trace id', `00-${TRACE.slice(1)}-b7ad6b7169203331-01`],
  ['something behind the flags', `${PARENT}-1`],
  ['a line break behind the flags', `${PARENT}\n`],
  ['flags that are no number', `00-${TRACE}-b7ad6b7169203331-0g`],
  ['blanks', ` ${PARENT}`],
  ['two of them, as Node joins them', `${PARENT}, ${PARENT}`],
])('%s is no traceparent', (_what, traceparent) => {
  expect(readTraceContext({ traceparent, tracestate: 'a=1' })).toBeUndefined();
});

test.each<[string, string | undefined]>([
  ['rojo=00f067aa0ba902b7,congo=t61rcWkgMzE', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'],
  ['rojo=1 ,\t congo=2,,', 'rojo=1,congo=2'],
  ['0tenant@vendor=x', '0tenant@vendor=x'],
  ['', undefined],
  [',,', undefined],
  ['rojo', undefined],
  ['rojo=', undefined],
  ['Rojo=1', undefined],
  ['rojo=1,rojo=2', undefined],
  ['rojo=a=b', undefined],
  ['rojo=a\u0000b', undefined],
  [Array.from({ length: 33 }, (_, n) => `k${n}=1`).join(), undefined],
  [Array.from({ length: 3 }, (_, n) => `k${n}=${'x'.repeat(200)}`).join(), undefined],
  [Array.from({ length: 32 }, (_, n) => `k${n}=1`).join(), Array.from({ length: 32 }, (_, n) => `k${n}=1`).join()],
])('of the tracestate %j remains %j', (tracestate, expected) => {
  expect(readTraceContext({ traceparent: PARENT, tracestate })?.tracestate).toBe(expected);
});

test('a long hostile state costs no time', () => {
  const before = performance.now();
  for (const text of [`a=${' '.repeat(16_000)}`, 'a,'.repeat(8_000), `a=${' x'.repeat(8_000)}`]) {
    expect(readTraceContext({ traceparent: PARENT, tracestate: text })?.tracestate).toBeUndefined();
  }
  expect(performance.now() - before).toBeLessThan(1_000);
});

test('a child keeps the trace and whether it is sampled, and nothing else', () => {
  expect(childOf(PARENT, '1111111111111111')).toBe(`00-${TRACE}-1111111111111111-01`);
  expect(childOf(`00-${TRACE}-b7ad6b7169203331-fe`, '1111111111111111')).toBe(`00-${TRACE}-1111111111111111-00`);
  expect(childOf('nonsense', '1111111111111111')).toBeUndefined();
});
