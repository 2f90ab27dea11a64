/**
 * Ten thousand random documents at a real ingest: each is answered with 202 or 4xx, soon, and what got a 202 arrives with the values
 * that were sent.
 */
import { randomUUID } from 'node:crypto';
import { bestOfThree } from '@postback/core/testing/bestOfThree';
import type { TestAnswer } from '../../ingest/test/ingestServer.js';
import { randomDocuments, type RandomDocument } from './documents.js';
import { startTestStack, type TestStack } from '../testStack.js';

const SEED = 20_261_124;
const COUNT = 10_000;
const BATCH = 500;
const AT_A_TIME = 20;
/** CPU time: what other processes take does not count. */
const LONGEST_HANDLING_MS = 100;

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ env: { RETRY_ATTEMPTS: '1' } });
});
afterAll(() => stack.stop());

interface Taken {
  readonly document: RandomDocument;
  readonly index: number;
}

const failure = (what: string, { text }: RandomDocument) => new Error(`seed ${SEED}: ${what}: ${text.slice(0, 2_000)}`);

/** A 503 that a busy machine gives for want of time is gone when one asks again, as a client would; one for the document's sake is not. */
async function post({ text }: RandomDocument): Promise<TestAnswer> {
  const headers = { 'Idempotency-Key': randomUUID() };
  let answer = await stack.ingest.post(text, headers);
  for (let tries = 1; answer.status === 503 && tries < 5; tries++) answer = await stack.ingest.post(text, headers);
  return answer;
}

/** Returns by postback id what was taken. */
async function send(batch: readonly RandomDocument[]): Promise<Map<string, Taken>> {
  const taken = new Map<string, Taken>();
  for (let at = 0; at < batch.length; at += AT_A_TIME) {
    await Promise.all(
      batch.slice(at, at + AT_A_TIME).map(async (document) => {
        const { status, body } = await post(document);
        if (status !== 202 && !(status >= 400 && status < 500)) throw failure(`answered with ${status}`, document);
        body.ids?.forEach((id, index) => taken.set(id, { document, index }));
      }),
    );
  }
  return taken;
}

/** What arrives of a broken document that was taken all the same cannot be foretold, only that it arrives. */
function compare(taken: ReadonlyMap<string, Taken>): void {
  const { received } = stack.endpoint;
  expect(received).toHaveLength(taken.size);
  for (const arrival of received) {
    const { document, index } = taken.get(String(arrival.headers['postback-id'])) as Taken;
    if (document.fits?.[index]?.(arrival) === false) {
      throw failure(`${index}: ${JSON.stringify(arrival)} is not what was sent`, document);
    }
  }
}

test(`${COUNT} random documents: 202 or 4xx, and equal values at the other end`, async () => {
  const documents = randomDocuments(stack.endpoint.origin, COUNT, SEED);
  let accepted = 0;
  let arrived = 0;
  for (let at = 0; at < COUNT; at += BATCH) {
    stack.endpoint.received.length = 0;
    stack.lines.length = 0;
    const taken = await send(documents.slice(at, at + BATCH));
    await stack.settled();
    compare(taken);
    arrived += taken.size;
    accepted += new Set([...taken.values()].map(({ document }) => document)).size;
  }
  // the test would be worth nothing if one of the two were rare
  expect(accepted).toBeGreaterThan(COUNT / 4);
  expect(COUNT - accepted).toBeGreaterThan(COUNT / 4);
  expect(arrived).toBeGreaterThan(accepted);
  expect((await stack.ingest.queue.books()).delivered).toBe(arrived);
}, 180_000);

test('none of them takes long, one after the other', async () => {
  for (const document of randomDocuments(stack.endpoint.origin, COUNT / 10, SEED + 1)) {
    const ms = await bestOfThree(LONGEST_HANDLING_MS, async () => {
      const before = process.cpuUsage();
      await stack.ingest.post(document.text);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    });
    if (ms > LONGEST_HANDLING_MS) throw failure(`took ${ms} ms`, document);
  }
  await stack.settled();
}, 60_000);

test('the comparison notices what is not what was sent', () => {
  const documents = randomDocuments('http://127.0.0.1:9', 200, SEED).flatMap(({ fits }) => fits ?? []);
  const other = {
    method: 'GET',
    url: '/q?p=12345678901234567000',
    body: '{"v":1,"s":"<1>"}',
    headers: { 'x-v': '<other>' },
  };
  expect(documents.length).toBeGreaterThan(100);
  expect(documents.filter((fits) => fits(other))).toEqual([]);
});
