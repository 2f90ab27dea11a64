import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { destinationPorts, firstDestinationPort } from '../../src/destinationPorts.js';
import { createSinkClient, type SinkClient } from '../../src/generator/sinkClient.js';
import { preciseNow } from '../../src/preciseClock.js';
import { createSink, type Sink } from '../../src/sink/server.js';
import { expectNoOpenSockets } from '../fakeStack.js';

const RUN = 'run-1';
const BEHAVES = { failFirst: 0 };

let sink: Sink;
let client: SinkClient;

beforeEach(async () => {
  sink = createSink({ now: preciseNow });
  const port = await sink.start({ host: '127.0.0.1', port: 0 });
  client = createSinkClient(`http://127.0.0.1:${port}`);
  await client.open(RUN, { dropShare: 0, duplicateShare: 0, delayMs: 0 });
});

afterEach(async () => {
  await client.close();
  await sink.stop();
  await expectNoOpenSockets();
});

/** A delivery of seq 0; the answer, or the code of what came instead. */
async function deliver(port: number, seq = 0) {
  const request = httpRequest({ port, path: `/postback/${RUN}?seq=${seq}`, agent: false });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, retryAfter: response.headers['retry-after'], body: await text(response) };
}

const failure = (port: number) => deliver(port).then(String, (error: { code?: string }) => error.code);

const arrange = (behaviour: object, { count = 1, listening = true } = {}) =>
  client.arrange(RUN, [{ count, listening, behaviour }]).then((list) => list.map(({ port }) => port));

describe('destinations', () => {
  it('are as many as were asked for, each with a port of its own, and behave as they were told', async () => {
    const groups = [
      { count: 2, listening: true, behaviour: { failFirst: 9, status: 503, retryAfterSeconds: 7 } },
      { count: 1, listening: true, behaviour: BEHAVES },
    ];
    const ports = (await client.arrange(RUN, groups)).map(({ port }) => port);
    expect(new Set(ports).size).toBe(3);
    expect(await deliver(ports[1] as number)).toMatchObject({ status: 503, retryAfter: '7' });
    expect(await deliver(ports[2] as number)).toMatchObject({ status: 200, body: 'ok' });
    expect((await client.status(RUN)).distinct).toBe(1);
    expect((await client.arrange(RUN, groups)).map(({ attempts }) => attempts)).toEqual([0, 1, 1]);
  });

  it('change their behaviour and keep their port', async () => {
    const before = await arrange({ failFirst: 9 });
    expect(await deliver(before[0] as number)).toMatchObject({ status: 503 });
    const after = await arrange(BEHAVES);
    expect(after).toEqual(before);
    expect(await deliver(after[0] as number)).toMatchObject({ status: 200 });
  });

  it('refuse connections while they are not listening, and come back at the same port', async () => {
    const [port = 0] = await arrange(BEHAVES);
    await arrange(BEHAVES, { listening: false });
    expect(await failure(port)).toBe('ECONNREFUSED');
    expect(await arrange(BEHAVES)).toEqual([port]);
    expect(await deliver(port)).toMatchObject({ status: 200 });
  });

  it('fail for a share of the postbacks', async () => {
    const [port = 0] = await arrange({ failFirst: 1, failShare: 0.25 });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, seq) => deliver(port, seq)));
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(5);
    const again = await Promise.all(Array.from({ length: 20 }, (_, seq) => deliver(port, seq)));
    expect(again.filter(({ status }) => status === 503)).toHaveLength(0);
  });

  it.each([
    ['reset', 'ECONNRESET'],
    ['bad-http', 'HPE_INVALID_HEADER_TOKEN'],
  ])('fail with %s', async (failWith, code) => {
    const [port = 0] = await arrange({ failFirst: 9, failWith });
    expect(await failure(port)).toBe(code);
  });

  it('redirect', async () => {
    const [port = 0] = await arrange({ failFirst: 9, failWith: 'redirect' });
    expect(await deliver(port)).toMatchObject({ status: 302 });
  });

  it.each(['hang', 'drip', 'huge'])('never finish an answer with %s, and stop with the client', async (failWith) => {
    const [port = 0] = await arrange({ failFirst: 9, failWith });
    const request = httpRequest({ port, path: `/postback/${RUN}?seq=0`, agent: false }).on('error', () => undefined);
    request.end();
    const ended = jest.fn();
    request.on('response', (response) =>
      response
        .resume()
        .on('end', ended)
        .on('error', () => undefined),
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(ended).not.toHaveBeenCalled();
    request.destroy();
  });

  it('say which port is taken', async () => {
    const blocker = createServer();
    const taken = createSink({ now: preciseNow });
    const port = await freePort();
    await new Promise<void>((resolve) => blocker.listen(firstDestinationPort(port), '127.0.0.1', resolve));
    const other = createSinkClient(`http://127.0.0.1:${await taken.start({ host: '127.0.0.1', port })}`);
    await other.open(RUN, { dropShare: 0, duplicateShare: 0, delayMs: 0 });
    await expect(other.arrange(RUN, [{ count: 1, listening: true, behaviour: {} }])).rejects.toThrow('EADDRINUSE');
    await other.close();
    await taken.stop();
    await new Promise((resolve) => blocker.close(resolve));
  });

  it.each([
    ['{}', 'expected a list'],
    ['[{"count":0}]', '/0/count'],
    ['[{"count":101}]', '/0/count'],
    ['[{"count":60},{"count":60}]', 'at most 100'],
    ['[{"listening":1}]', '/0/listening'],
    ['[{"colour":"red"}]', '/0/colour'],
    ['[{"behaviour":{"failWith":"tears"}}]', '/failWith'],
  ])('refuse %s', async (plans, reason) => {
    await expect(client.arrange(RUN, JSON.parse(plans) as never)).rejects.toThrow(reason);
  });
});

test('the ports of the destinations fit in whatever the port of the sink', () => {
  for (const port of [80, 8_090, 55_400, 65_535]) {
    const ports = destinationPorts(port);
    expect([ports.length, Math.max(...ports) <= 65_535, ports.includes(port)]).toEqual([100, true, false]);
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('names', () => {
  it('lead to the sink, but for those of a group that is silenced, until it no longer is', async () => {
    const group = { count: 1, listening: true, behaviour: {} };
    await client.arrange(RUN, [{ ...group, silentName: 'slow' }]);
    expect(sink.names.lookUp('a.slow.sink.test')).toBe('hangs');
    expect(sink.names.lookUp('a.quick.sink.test')).toMatchObject({ addresses: ['127.0.0.1'] });
    expect(sink.names.lookUp('sink.test.example')).toBeUndefined();
    await client.arrange(RUN, [group]);
    expect(sink.names.lookUp('a.slow.sink.test')).toMatchObject({ addresses: ['127.0.0.1'] });
    await expect(client.arrange(RUN, [{ ...group, silentName: 'a b' }])).rejects.toThrow('/0/silentName');
  });
});
