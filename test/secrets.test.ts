/** Secrets by name: they reach the third party that they are for, and nothing else ever holds them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedisConnection } from '@postback/core/redis';
import { eventually } from '@postback/core/testing/eventually';
import { startTestStack, type TestStack } from './testStack.js';

const CANARY = 'canary-b0fc1e0d';
const directory = mkdtempSync(join(tmpdir(), 'secrets-'));
const write = (name: string, text: string) => writeFileSync(join(directory, name), text);

let stack: TestStack;
let statuses: number[] = [];

beforeAll(async () => {
  write('partner_a', `Bearer ${CANARY}\n`);
  write('partner_a.hosts', '127.0.0.1');
  write('partner_b', `Bearer ${CANARY}`);
  write('partner_b.hosts', 'api.partner.com');
  stack = await startTestStack({
    env: { SECRETS_DIR: directory },
    ingest: { secretsDirectory: directory },
    // the worst there is: an endpoint that tells everything back, in its own words
    answer: ({ headers }, response) =>
      void response.writeHead(statuses.shift() ?? 200).end(`you sent ${headers.authorization}, that is all`),
  });
});
afterAll(async () => {
  await stack.stop();
  rmSync(directory, { recursive: true });
});
beforeEach(() => void (stack.endpoint.received.length = 0));

const bodyOf = (secret: string) => {
  const headers = { Authorization: { secret } };
  return JSON.stringify({ endpoint: { method: 'POST', url: `${stack.endpoint.origin}/`, headers }, data: [{ a: 1 }] });
};
const arrived = () => stack.endpoint.received.map(({ headers }) => headers.authorization);

/** Everything that is in Redis, as text. */
async function contents(redis: RedisConnection): Promise<string> {
  const keys = (await redis.send('', ['KEYS', '*'])) as string[];
  const readers: Readonly<Record<string, (key: string) => string[]>> = {
    string: (key) => ['GET', key],
    hash: (key) => ['HGETALL', key],
    stream: (key) => ['XRANGE', key, '-', '+'],
    zset: (key) => ['ZRANGE', key, '0', '-1'],
  };
  const values = keys.map(async (key) => {
    const type = (await redis.send(key, ['TYPE', key])) as string;
    const read = readers[type];
    if (!read) throw new Error(`a key of type ${type}`);
    return JSON.stringify([key, await redis.send(key, read(key))]);
  });
  return (await Promise.all(values)).join('\n');
}

test('a secret arrives, and neither Redis nor a log nor a preview ever shows it, whatever the endpoint answers', async () => {
  statuses = [500, 410, 200];
  const redis = await stack.redis.connect();
  await stack.ingest.post(bodyOf('partner_a')); // retried, then dead
  await stack.settled();
  await stack.ingest.post(bodyOf('partner_a')); // delivered
  await stack.settled();
  expect(arrived()).toEqual(Array(3).fill(`Bearer ${CANARY}`));
  const preview = await fetch(`${stack.ingest.url}/ingest/preview`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bodyOf('partner_a'),
  });
  const shown = await preview.text();
  expect(shown).toContain('"authorization":{"secret":"partner_a"}');
  const held = await contents(redis);
  expect(held).toContain('partner_a'); // by its name, so it was looked for where it would be
  const log = JSON.stringify([...stack.lines, ...stack.ingest.logged]);
  expect(log).toContain('[secret partner_a]');
  for (const text of [held, log, shown]) expect(text).not.toContain(CANARY);
  await redis.close();
});

test.each([
  ['partner_c', 'there is no secret "partner_c"'],
  ['partner_b', 'the secret "partner_b" may not be sent to'],
])('%s is refused before it is queued', async (secret, detail) => {
  const before = await stack.ingest.queue.books();
  const { status, body } = await stack.ingest.post(bodyOf(secret));
  expect(status).toBe(400);
  expect(body).toMatchObject({
    errors: [{ pointer: '/endpoint/headers/Authorization', detail: expect.stringContaining(detail) }],
  });
  expect(JSON.stringify(body)).not.toContain(CANARY);
  expect(await stack.ingest.queue.books()).toEqual(before);
});

test('a secret that is gone costs no attempt, and one that is put right heals what is queued', async () => {
  rmSync(join(directory, 'partner_a.hosts'));
  rmSync(join(directory, 'partner_a'));
  const endpointJson = (JSON.parse(bodyOf('partner_a')) as { endpoint: object }).endpoint;
  const withheld = () => stack.lines.find(({ event }) => event === 'postback.withheld');
  await eventually(
    'delivery has seen it',
    () =>
      stack.lines.some((line) => line.event === 'secrets.changed' && JSON.stringify(line['names']) === '["partner_b"]'),
    10_000,
  );
  await stack.ingest.queue.enqueue({ endpointHash: 'heal', endpointJson: JSON.stringify(endpointJson), data: ['{}'] });
  expect(await eventually('it is withheld', withheld)).toMatchObject({
    error_class: 'secret-missing',
    error: 'there is no secret "partner_a"',
  });
  write('partner_a.hosts', '127.0.0.1');
  write('partner_a', 'Bearer rotated');
  await stack.settled();
  expect(arrived()).toEqual(['Bearer rotated']);
  expect(stack.endpoint.received[0]?.headers['postback-attempt']).toBe('1');
});
