/** Signatures as a receiver checks them: with the reference library of Standard Webhooks, over the bytes that arrived. */
import { randomBytes } from 'node:crypto';
import type { Received } from '@postback/core/testing/endpointServer';
import { Webhook } from 'standardwebhooks';
import { startTestStack, type TestStack } from './testStack.js';

const [NEW, OLD, OTHER] = [24, 32, 64].map((bytes) => `whsec_${randomBytes(bytes).toString('base64')}`) as [
  string,
  string,
  string,
];
let stack: TestStack;
let statuses: number[] = [];

beforeAll(async () => {
  stack = await startTestStack({
    env: { SIGNING_SECRETS: `${NEW},${OLD}` },
    answer: (_received, response) => void response.writeHead(statuses.shift() ?? 200).end(),
  });
});
afterAll(() => stack.stop());

async function deliver(endpoint: object, data: string): Promise<Received[]> {
  stack.endpoint.received.length = 0;
  const about = { url: `${stack.endpoint.origin}/hook?a={a}`, ...endpoint };
  const { status } = await stack.ingest.post(`{"endpoint":${JSON.stringify(about)},"data":[${data}]}`);
  expect(status).toBe(202);
  await stack.settled();
  return stack.endpoint.received;
}

const headersOf = ({ headers }: Received) => headers as Record<string, string>;
/** The library parses what it has verified, which is not the matter here. */
const check = (secret: string, body: string, headers: Record<string, string>) => {
  new Webhook(secret).verify(body, headers);
};

const TEXT = { 'Content-Type': 'text/plain' };
test.each([
  ['the data object as sent', { method: 'POST' }, '{ "a": 12345678901234567890, "é": "😀\\u00e9" }'],
  [
    'a JSON template',
    { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: '{"a":{a}}' },
    '{"a":"x"}',
  ],
])('%s is verified under either secret, and under no other', async (_what, endpoint, data) => {
  const [received] = await deliver(endpoint, data);
  const headers = headersOf(received as Received);
  const { body } = received as Received;
  expect(headers['webhook-id']).toBe(headers['postback-id']);
  for (const secret of [NEW, OLD]) expect(() => check(secret, body, headers)).not.toThrow();
  expect(() => check(OTHER, body, headers)).toThrow('No matching signature found');
  expect(() => check(NEW, `${body} `, headers)).toThrow('No matching signature found');
  expect(() => check(NEW, body, { ...headers, 'webhook-id': '0-1-1' })).toThrow('No matching signature found');
});

test.each([
  ['a GET', { method: 'GET' }, ''],
  ['an empty body', { method: 'POST', headers: TEXT, body: '' }, ''],
  ['text that is no JSON', { method: 'POST', headers: TEXT, body: 'hello {a}' }, 'hello 1'],
])('%s is signed as it is sent', async (_what, endpoint, body) => {
  const [received] = await deliver(endpoint, '{"a":1}');
  const headers = headersOf(received as Received);
  expect((received as Received).body).toBe(body);
  const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
  const expected = [NEW, OLD].map((secret) => new Webhook(secret).sign(headers['webhook-id'] as string, at, body));
  expect(headers['webhook-signature']).toBe(expected.join(' '));
});

test('each attempt is signed anew, under the same id', async () => {
  statuses = [500, 503, 200];
  const received = await deliver({ method: 'POST' }, '{"a":1}');
  expect(received.map(headersOf).map((headers) => headers['postback-attempt'])).toEqual(['1', '2', '3']);
  expect(new Set(received.map(headersOf).map((headers) => headers['webhook-id'])).size).toBe(1);
  for (const attempt of received) expect(() => check(NEW, attempt.body, headersOf(attempt))).not.toThrow();
});

test.each(['Webhook-Signature', 'Webhook-Id', 'webhook-timestamp'])('an endpoint cannot bring a %s', async (name) => {
  const endpoint = { method: 'POST', url: `${stack.endpoint.origin}/hook`, headers: { [name]: 'forged' } };
  const { status } = await stack.ingest.post(JSON.stringify({ endpoint, data: [{}] }));
  expect(status).toBe(400);
});

test('no log line of delivery shows a secret', () => {
  const log = JSON.stringify(stack.lines);
  for (const secret of [NEW, OLD]) expect(log).not.toContain(secret.slice('whsec_'.length));
});
