/** A client's trace goes on at its third party: W3C Trace Context from the request to each attempt. */
import { startTestStack, type TestStack } from './testStack.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;
let stack: TestStack;
let statuses: number[] = [];

beforeAll(async () => {
  stack = await startTestStack({
    answer: (_received, response) => void response.writeHead(statuses.shift() ?? 200).end(),
  });
});
afterAll(() => stack.stop());
beforeEach(() => {
  stack.endpoint.received.length = 0;
  stack.lines.length = 0;
});

async function deliver(headers: Record<string, string>, endpoint: object = {}): Promise<void> {
  const about = { method: 'GET', url: `${stack.endpoint.origin}/?a={a}`, ...endpoint };
  const { status } = await stack.ingest.post(JSON.stringify({ endpoint: about, data: [{ a: 1 }] }), headers);
  expect(status).toBe(202);
  await stack.settled();
}
const arrived = (name: string) => stack.endpoint.received.map(({ headers }) => headers[name]);

test('each attempt is a child of its own in the same trace, and says so on its log line', async () => {
  statuses = [500, 500, 200];
  await deliver({ traceparent: TRACEPARENT, tracestate: 'rojo=1, congo=2' });
  const parents = arrived('traceparent') as string[];
  expect(parents).toHaveLength(3);
  for (const parent of parents) expect(parent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
  expect(new Set([TRACEPARENT, ...parents]).size).toBe(4);
  expect(arrived('tracestate')).toEqual(Array(3).fill('rojo=1,congo=2'));
  const lines = stack.lines.filter(({ event }) => event === 'postback.attempted');
  expect(lines.map((line) => line['trace_id'])).toEqual(Array(3).fill(TRACE));
});

test.each([{}, { traceparent: TRACEPARENT.toUpperCase(), tracestate: 'a=1' }, { tracestate: 'a=1' }])(
  'of %j nothing is sent on',
  async (headers) => {
    await deliver(headers);
    expect([...arrived('traceparent'), ...arrived('tracestate')]).toEqual([undefined, undefined]);
    expect(stack.lines.find(({ event }) => event === 'postback.attempted')).not.toHaveProperty('trace_id');
  },
);

test('a header that the endpoint names itself counts more', async () => {
  await deliver({ traceparent: TRACEPARENT }, { headers: { Traceparent: 'mine' } });
  expect(arrived('traceparent')).toEqual(['mine']);
});
