import { formatRoute, parseRoute } from '../../page/src/shell/route.js';

test('what was written is read again, whatever stands in a filter', () => {
  const filter = { reference: 'order 7 & <img src=x>?#/', destination: 'https://a.example:443' };
  expect(parseRoute(formatRoute('attempts', filter))).toEqual({ view: 'attempts', id: '', filter });
  expect(parseRoute(formatRoute('postback', {}, '0-1-2'))).toEqual({ view: 'postback', id: '0-1-2', filter: {} });
});

test('what is empty does not stand in the address', () => {
  expect(formatRoute('dead', { reason: '', host: 'a' })).toBe('#/dead?host=a');
  expect(formatRoute('overview')).toBe('#/overview');
});

test.each(['', '#', '#/', '#/nothing?x=1', '#/%E0%A4%A', '#/postback', '#/postback/'])(
  'an address that means nothing shows the overview: %s',
  (hash) => expect(parseRoute(hash)).toEqual({ view: 'overview', id: '', filter: {} }),
);
