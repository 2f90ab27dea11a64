import { openDescription, readDescription, type GivenAnswer } from '@postback/core/testing/openapi';
import Ajv2020 from 'ajv/dist/2020';

const { answerFaults, fits } = openDescription();
const json = { 'content-type': 'application/json; charset=utf-8' };
const problem = { 'content-type': 'application/problem+json; charset=utf-8' };
const PROBLEM = { type: '/docs/errors/invalid-json', title: 'The body is not valid JSON', status: 400, detail: 'why' };
const ACCEPTED: GivenAnswer = {
  method: 'POST',
  path: '/ingest?a=b',
  status: 202,
  headers: json,
  body: '{"accepted":1,"ids":["0-1795478400000-0"]}',
};
const refused = (given: Partial<GivenAnswer>): GivenAnswer => ({
  ...ACCEPTED,
  status: 400,
  headers: problem,
  body: JSON.stringify(PROBLEM),
  ...given,
});

test.each<[string, GivenAnswer]>([
  ['an acceptance', ACCEPTED],
  ['a problem', refused({})],
  [
    'an address with a parameter',
    { ...ACCEPTED, method: 'GET', path: '/api/archive', status: 200, body: '{"files":[]}' },
  ],
  [
    'an address that is not there, and says so',
    refused({
      path: '/x',
      status: 404,
      body: '{"type":"/docs/errors/not-found","title":"t","status":404,"detail":"d"}',
    }),
  ],
])('%s conforms', (_what, answer) => {
  expect(answerFaults(answer)).toEqual([]);
});

test.each<[string, GivenAnswer, string]>([
  ['a status', { ...ACCEPTED, status: 200 }, 'the status is not described'],
  ['an address', { ...ACCEPTED, path: '/elsewhere' }, 'neither is this address described'],
  ['a method', { ...ACCEPTED, method: 'PATCH' }, 'neither is this address described'],
  ['a media type', { ...ACCEPTED, headers: { 'content-type': 'text/html' } }, 'the media type text/html is not'],
  ['a body without a media type', { ...ACCEPTED, headers: {} }, 'the media type (none) is not'],
  ['a member', { ...ACCEPTED, body: '{"accepted":1,"ids":[],"more":1}' }, 'it has more, which is not described'],
  ['a value', { ...ACCEPTED, body: '{"accepted":"1","ids":[]}' }, '/accepted must be integer'],
  ['what is no JSON', { ...ACCEPTED, body: '{' }, 'it must be object'],
  ['a problem type', refused({ body: JSON.stringify({ ...PROBLEM, type: '/docs/errors/mood' }) }), '/type must be'],
  [
    'a problem of another status',
    refused({ body: JSON.stringify({ ...PROBLEM, status: 401 }) }),
    'speaks of status 401',
  ],
])('%s that is not described is a fault', (_what, answer, fault) => {
  expect(answerFaults(answer).join('\n')).toContain(fault);
});

test('a described member that is missing is a fault, and so is a header', () => {
  expect(answerFaults({ ...ACCEPTED, body: '{"accepted":1}' }).join()).toContain("must have required property 'ids'");
  const body = JSON.stringify({ ...PROBLEM, type: '/docs/errors/queue-unavailable', status: 503 });
  expect(answerFaults(refused({ status: 503, body })).join()).toContain('the header Retry-After is missing');
  expect(answerFaults(refused({ status: 503, body, headers: { ...problem, 'retry-after': 'soon' } })).join()).toContain(
    'header Retry-After: it must match pattern',
  );
});

test('a value is judged by a schema of its name', () => {
  expect(fits('PostbackId', '0-1795478400000-0')).toBe(true);
  expect(fits('PostbackId', 'nonsense')).toBe(false);
});

test('every schema of the document compiles, and every reference leads somewhere', () => {
  const document = readDescription() as { components: { schemas: Record<string, object> } };
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
  ajv.addSchema({ ...document, $id: 'openapi' });
  for (const name of Object.keys(document.components.schemas))
    ajv.compile({ $ref: `openapi#/components/schemas/${name}` });
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
  const lost = references.filter(
    (path) =>
      path.split('/').reduce<unknown>((at, name) => (Object(at) as Record<string, unknown>)[name], document) ===
      undefined,
  );
  expect(references.length).toBeGreaterThan(50);
  expect(lost).toEqual([]);
});
