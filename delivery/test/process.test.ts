/** The real process and its signals. Needs what `make test` builds. */
import { once } from 'node:events';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import { startEndpointServer, type Answer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { eventually } from '@postback/core/testing/eventually';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { startDeliveryProcess, type DeliveryProcess } from './deliveryProcess.js';

let server: TestRedis;
let queue: Queue;
let endpoint: EndpointServer;
let answer: Answer;
let delivery: DeliveryProcess;

beforeEach(async () => {
  server = await startTestRedis();
  queue = createQueue(await server.connect());
  endpoint = await startEndpointServer((received, response, socket) => answer(received, response, socket));
});
afterEach(async () => {
  delivery.child.kill('SIGKILL');
  await endpoint.close();
  await server.stop();
});

/** Queues so many, and resolves when attempts are under way. */
async function startWith(count: number, underWay = count): Promise<void> {
  delivery = await startDeliveryProcess(server, { SHUTDOWN_TIMEOUT: '1s' });
  const endpointJson = JSON.stringify({ method: 'GET', url: `${endpoint.origin}/{n}` });
  const data = Array.from({ length: count }, (_, n) => `{"n":${n}}`);
  await queue.enqueue({ endpointHash: 'h', endpointJson, data });
  await eventually('they are under way', () => endpoint.received.length >= underWay, 15_000);
}

async function stop(): Promise<{ code: unknown; tookMs: number }> {
  const startedAt = performance.now();
  const ended = once(delivery.child, 'exit');
  delivery.child.kill('SIGTERM');
  const [code] = (await ended) as [unknown];
  return { code, tookMs: performance.now() - startedAt };
}

test('SIGTERM while a slow endpoint takes its time: all are delivered, nothing is pending, exit code 0', async () => {
  answer = (_received, response) => void setTimeout(() => response.end('ok'), 500);
  await startWith(20);
  expect((await stop()).code).toBe(0);
  expect(await queue.books()).toMatchObject({ delivered: 20, pending: 0, waiting: 0 });
});

test('SIGTERM while an endpoint hangs: they are handed back within the deadline, exit code 0', async () => {
  answer = () => undefined;
  await startWith(20, 4); // who has never answered gets no more at once
  const { code, tookMs } = await stop();
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(5_000);
  expect(await queue.books()).toMatchObject({ delivered: 0, pending: 0, dead: 0 });
  const { waiting, parked } = await queue.books();
  expect(waiting + parked).toBe(20);
});

test('a second signal ends it at once', async () => {
  answer = () => undefined;
  await startWith(1);
  const stopping = stop();
  await eventually('the first one is known', () => delivery.log().includes('service.stopping'));
  delivery.child.kill('SIGTERM');
  const { code, tookMs } = await stopping;
  expect(code).toBe(1);
  expect(tookMs).toBeLessThan(1_900);
  expect(await queue.books()).toMatchObject({ pending: 1 });
});
