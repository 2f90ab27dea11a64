/** A hundred thousand that wait for one destination cost the worker next to nothing. The real process; needs what `make test` builds. */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import { startEndpointServer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { eventually } from '@postback/core/testing/eventually';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { startDeliveryProcess, type DeliveryProcess } from '../deliveryProcess.js';

const MIB = 1_024 * 1_024;
const WARM_UP = 20_000;
const BACKLOG = 100_000;
const CHUNK = 1_000;

let server: TestRedis;
let queue: Queue;
let healthy: EndpointServer;
let hanging: Server;
let delivery: DeliveryProcess;

beforeAll(async () => {
  server = await startTestRedis();
  queue = createQueue(await server.connect());
  healthy = await startEndpointServer();
  hanging = createServer(() => undefined);
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
  delivery = await startDeliveryProcess(server, { LOG_LEVEL: 'debug' });
}, 30_000);
afterAll(async () => {
  delivery.child.kill('SIGKILL');
  hanging.close();
  await healthy.close();
  await server.stop();
});

async function enqueue(origin: string, count: number): Promise<void> {
  const endpointJson = JSON.stringify({ method: 'GET', url: `${origin}/p?n={n}` });
  for (let from = 0; from < count; from += CHUNK) {
    const data = Array.from({ length: CHUNK }, (_, n) => `{"n":${from + n},"text":"${'x'.repeat(60)}"}`);
    await queue.enqueue({ endpointHash: origin, endpointJson, data });
  }
}

test('100,000 for one that hangs: parked at most twice each, and the worker grows by less than 50 MB', async () => {
  await enqueue(healthy.origin, WARM_UP);
  const isWarm = async () => (await queue.books()).delivered === WARM_UP;
  await eventually('its heap is as large as deliveries make it', isWarm, 60_000);
  const before = delivery.residentBytes();
  await enqueue(`http://127.0.0.1:${(hanging.address() as AddressInfo).port}`, BACKLOG);
  const isParked = async () => (await queue.books()).parked > BACKLOG - 200;
  await eventually('all of it is parked', isParked, 90_000);
  const grownMiB = (delivery.residentBytes() - before) / MIB;
  const parks = parkedIn(delivery.log());
  if (process.env['SHOW_FIGURES']) process.stderr.write(`grown by ${grownMiB.toFixed(1)} MiB, ${parks} parks\n`);
  expect(grownMiB).toBeLessThan(50);
  expect(parks).toBeLessThan(2 * BACKLOG);
  await enqueue(healthy.origin, CHUNK);
  const isServed = async () => (await queue.books()).delivered === WARM_UP + CHUNK;
  await eventually('those behind it are served', isServed, 30_000);
}, 240_000);

function parkedIn(log: string): number {
  const lines = log.split('\n').filter((line) => line.includes('"event":"postbacks.parked"'));
  return lines.reduce((sum, line) => sum + (JSON.parse(line) as { count: number }).count, 0);
}
