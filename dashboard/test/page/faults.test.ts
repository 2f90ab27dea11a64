import { faultOf } from '../../page/src/api/fault.js';

test('a problem is shown as it stands', () => {
  const errors = [{ pointer: '/data/0', detail: 'expected an object' }];
  const body = { type: '/docs/errors/invalid-request', title: 'T', detail: 'D', errors, requestId: 'r' };
  expect(faultOf(400, body, '3')).toEqual({
    status: 400,
    title: 'T',
    detail: 'D',
    page: '/docs/errors/invalid-request',
    errors,
    requestId: 'r',
    retryAfterSeconds: 3,
  });
});

test.each([undefined, null, 'text', 7, [], { title: 5, detail: {}, errors: ['x', { pointer: 1 }] }])(
  'an answer that is no problem is still a fault: %j',
  (body) => expect(faultOf(502, body, null)).toMatchObject({ status: 502, title: 'HTTP 502', errors: [] }),
);

test.each(['https://elsewhere.example/x', 'javascript:alert(1)', '//elsewhere.example', '/docs/errors/../..'])(
  'a type that is no page of ours makes no link: %s',
  (type) => expect(faultOf(500, { type }, null).page).toBeUndefined(),
);
