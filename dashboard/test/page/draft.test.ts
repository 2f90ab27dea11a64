import { curlOf, emptyDraft, requestOf } from '../../page/src/send/draft.js';

const draft = {
  ...emptyDraft,
  method: 'POST',
  url: 'https://partner.example/x?a={a}',
  data: '[{"a":12345678901234567890}]',
};

test('the data stands in the request digit for digit', () => {
  expect(requestOf(draft)).toBe(
    '{"endpoint":{"method":"POST","url":"https://partner.example/x?a={a}"},"data":[{"a":12345678901234567890}]}',
  );
});

test('what is filled in is sent, what is empty is not', () => {
  const full = { ...draft, headers: 'X-A: {a}\n\nX-B: 1:2', body: 'b', reference: 'r', delaySeconds: '5', data: '[]' };
  expect(JSON.parse(requestOf(full))).toEqual({
    endpoint: { method: 'POST', url: draft.url, headers: { 'X-A': '{a}', 'X-B': '1:2' }, body: 'b' },
    delivery: { delaySeconds: 5, reference: 'r' },
    data: [],
  });
  expect(() => requestOf({ ...draft, headers: 'no header' })).toThrow('no header');
});

test('the line for a shell survives quotes, and does not show the key', () => {
  const line = curlOf({ ...draft, data: `[{"a":"it's"}]`, apiKey: 'hush-hush' }, 'http://127.0.0.1:8080');
  expect(line).toContain(`it'\\''s`);
  expect(line).not.toContain('hush-hush');
});
