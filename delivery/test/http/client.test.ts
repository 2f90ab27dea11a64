import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { bestOfThree } from '@postback/core/testing/bestOfThree';
import { freePort } from '@postback/core/testing/redisServer';
import { startEndpointServer, type Answer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { LOOPBACK_TARGETS } from '@postback/core/testing/loopbackTargets';
import { createHttpClient, type HttpClient, type OutgoingRequest } from '../../src/http/client.js';

const TIMEOUT_MS = 300;
const GUARDED = {
  timeoutMs: TIMEOUT_MS,
  allowedTargets: LOOPBACK_TARGETS,
  lookUp: () => Promise.resolve(['127.0.0.1']),
};

let client: HttpClient;
const closers: (() => Promise<void>)[] = [];

beforeEach(() => {
  client = createHttpClient({ ...GUARDED, connections: 50 });
});
afterEach(async () => {
  await client.close();
  for (const close of closers.splice(0)) await close();
});

async function endpoint(answer?: Answer): Promise<EndpointServer> {
  const server = await startEndpointServer(answer);
  closers.push(server.close);
  return server;
}

/** A server below HTTP: it gets the socket once the first bytes have arrived. */
async function rawServer(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('data', () => answer(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const get = (destination: string, path = '/'): OutgoingRequest => ({
  method: 'GET',
  destination,
  path,
  headers: {},
  body: undefined,
});

const OK = 'HTTP/1.1 200 OK\r\n';
const TRANSFER = 'Transfer-Encoding: chunked\r\n';
const CHUNKED = `${OK}${TRANSFER}\r\n`;

/** undici hands out an answer just before it takes the connection back. */
const connectionIsFree = () => setImmediate();

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
  '%s arrives with its headers and body, nothing added but the framing',
  async (method) => {
    const server = await endpoint();
    const headers = { 'content-type': 'application/json', 'x-a': '1' };
    const answer = await client.send({ ...get(server.origin, '/p?q=1'), method, headers, body: '{"n":1.10}' });
    expect(answer).toMatchObject({ status: 200, body: 'ok', isTruncated: false });
    const [received] = server.received;
    expect(received).toMatchObject({ method, url: '/p?q=1', body: '{"n":1.10}' });
    const { host } = new URL(server.origin);
    expect(received?.headers).toEqual({ ...headers, host, connection: 'keep-alive', 'content-length': '10' });
  },
);

test('a POST without a body and without a content type gets none', async () => {
  const server = await endpoint();
  await client.send({ ...get(server.origin), method: 'POST' });
  expect(server.received[0]?.headers).not.toHaveProperty('content-type');
  expect(server.received[0]?.headers).toMatchObject({ 'content-length': '0' });
});

test('the phases of an attempt are told, DNS and connect only when it opened the connection', async () => {
  const server = await endpoint();
  const first = await client.send(get(server.origin));
  await connectionIsFree();
  const second = await client.send(get(server.origin));
  expect(first.phases).toMatchObject({ connectMs: expect.any(Number), dnsMs: expect.any(Number) });
  expect(second.phases.connectMs).toBeUndefined();
  expect(second.phases.totalMs).toBeGreaterThanOrEqual(second.phases.firstByteMs ?? Infinity);
});

describe('the deadline ends an attempt', () => {
  const stalls: Record<string, (socket: Socket) => void> = {
    'that gets no answer': () => undefined,
    'whose answer drips': (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(timer));
    },
    'whose body never comes': (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'),
    'whose chunks stop midway': (socket) =>
      void socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'),
    'that goes on saying that it will come': (socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 20);
      socket.on('close', () => clearInterval(timer));
    },
    'whose headers stop midway': (socket) => void socket.write('HTTP/1.1 200 OK\r\nX-A: '),
  };
  test.each(Object.entries(stalls))('%s, within 100 ms', async (_name, stall) => {
    const origin = await rawServer(stall);
    const tookMs = await bestOfThree(TIMEOUT_MS + 100, async () => {
      const startedAt = performance.now();
      await expect(client.send(get(origin))).rejects.toMatchObject({ errorClass: 'timeout' });
      return performance.now() - startedAt;
    });
    expect(tookMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 5);
    expect(tookMs).toBeLessThanOrEqual(TIMEOUT_MS + 100);
  });

  test('while it waits for a connection, and it is not sent later', async () => {
    await client.close();
    client = createHttpClient({ ...GUARDED, connections: 1 });
    const server = await endpoint((received, response) => {
      if (received.url !== '/slow') response.end('ok');
    });
    const slow = client.send(get(server.origin, '/slow'));
    const waiting = client.send(get(server.origin, '/waiting'), TIMEOUT_MS - 100); // ends first, on a busy machine too
    await expect(slow).rejects.toMatchObject({ errorClass: 'timeout' });
    await expect(waiting).rejects.toMatchObject({ errorClass: 'timeout' });
    await sleep(50);
    expect(server.received.map((received) => received.url)).toEqual(['/slow']);
  });
});

test('an endless answer is cut after 64 KiB and 2 KiB of it are kept', async () => {
  let written = 0;
  const server = await endpoint((_received, response) => {
    const pour = () => {
      while (!response.destroyed && response.write(Buffer.alloc(16 * 1024, 'x'))) written += 16 * 1024;
    };
    response.on('drain', pour);
    pour();
  });
  const answer = await client.send(get(server.origin));
  expect(answer).toMatchObject({ status: 200, isTruncated: true });
  expect(answer.body).toHaveLength(2048);
  const writtenThen = written;
  await sleep(50);
  expect(written - writtenThen).toBeLessThan(8 * 1024 * 1024);
});

test('a compressed answer is not inflated', async () => {
  const server = await endpoint((_received, response) => {
    response.setHeader('content-encoding', 'gzip').end('not really gzip');
  });
  expect(await client.send(get(server.origin))).toMatchObject({ status: 200, body: 'not really gzip' });
});

test('a redirect is an answer and is not followed', async () => {
  const server = await endpoint((_received, response) => {
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  expect(await client.send(get(server.origin))).toMatchObject({ status: 302 });
  expect(server.received).toHaveLength(1);
});

test('an informational answer before the real one is passed over', async () => {
  const origin = await rawServer((socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n');
  });
  expect(await client.send(get(origin))).toMatchObject({ status: 204 });
});

test('what comes behind the length of an answer is not part of it, nor of the next one', async () => {
  const origin = await rawServer((socket) =>
    socket.write(`${OK}Content-Length: 2\r\n\r\nokHTTP/1.1 500 Smuggled\r\n\r\n`),
  );
  expect(await client.send(get(origin))).toMatchObject({ status: 200, body: 'ok' });
});

describe('a failure is named', () => {
  const failures: Record<string, [string, (socket: Socket) => void]> = {
    'reset by the other side': ['connection-reset', (socket) => socket.resetAndDestroy()],
    'closed before an answer': ['connection-closed', (socket) => socket.end()],
    'no HTTP': ['bad-answer', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
    'a body shorter than its length': [
      'connection-closed',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort'),
    ],
    'chunks that end too soon': [
      'connection-closed',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'),
    ],
    'a chunk without a length': ['bad-answer', (socket) => socket.end(`${CHUNKED}zz\r\nab\r\n0\r\n\r\n`)],
    'two lengths': ['bad-answer', (socket) => socket.end(`${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`)],
    'a length that is none': ['bad-answer', (socket) => socket.end(`${OK}Content-Length: -1\r\n\r\n`)],
    'a length and chunks': ['bad-answer', (socket) => socket.end(`${OK}Content-Length: 5\r\n${TRANSFER}\r\n0\r\n\r\n`)],
    'two thousand headers': [
      'headers-too-large',
      (socket) => socket.write(`${OK}${'X-Aaaaaaaaaa: aaaa\r\n'.repeat(2_000)}\r\n`),
    ],
    'headers of 20 KiB': [
      'headers-too-large',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(20 * 1024)}\r\n\r\n`),
    ],
  };
  test.each(Object.entries(failures))('%s', async (_name, [errorClass, answer]) => {
    const origin = await rawServer(answer);
    await expect(client.send(get(origin))).rejects.toMatchObject({ errorClass });
  });

  test('nobody listening', async () => {
    await expect(client.send(get(`http://127.0.0.1:${await freePort()}`))).rejects.toMatchObject({
      errorClass: 'connection-refused',
    });
  });

  test('plain HTTP where TLS was asked for', async () => {
    const origin = await rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    await expect(client.send(get(origin.replace('http:', 'https:')))).rejects.toMatchObject({ errorClass: 'tls' });
  });
});

describe('a kept connection that the other side closes at the moment of reuse', () => {
  const closeOnSecond = () => {
    let requests = 0;
    return endpoint((_received, response, socket) => {
      if (++requests === 2) socket.destroy();
      else response.end('ok');
    });
  };
  test('is replaced for a GET, which is sent once more', async () => {
    const server = await closeOnSecond();
    await client.send(get(server.origin));
    await connectionIsFree();
    expect(await client.send(get(server.origin))).toMatchObject({ status: 200 });
    expect(server.received).toHaveLength(3);
    expect(server.connections()).toBe(2);
  });

  test('fails a POST, which may have been processed', async () => {
    const server = await closeOnSecond();
    await client.send(get(server.origin));
    await connectionIsFree();
    await expect(client.send({ ...get(server.origin), method: 'POST', body: 'x' })).rejects.toMatchObject({
      errorClass: expect.stringMatching(/^connection-/),
    });
    expect(server.received).toHaveLength(2);
  });
});

test('10,000 requests at concurrency 50 use at most 60 connections, with the address guard on', async () => {
  const server = await endpoint();
  const origin = server.origin.replace('127.0.0.1', 'localhost'); // a name: what it stands for is judged
  let sent = 0;
  const worker = async () => {
    while (sent++ < 10_000) await client.send(get(origin), 30_000); // about connections, on a busy machine too
  };
  await Promise.all(Array.from({ length: 50 }, worker));
  expect(server.received).toHaveLength(10_000);
  expect(server.connections()).toBeLessThanOrEqual(60);
}, 120_000);

test('the deadline of one exchange is its own, be it shorter or longer than that of the client', async () => {
  const server = await endpoint((_received, response) => void setTimeout(() => response.end('late'), TIMEOUT_MS + 100));
  const startedAt = performance.now();
  await expect(client.send(get(server.origin), 50)).rejects.toMatchObject({ errorClass: 'timeout' });
  expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS);
  expect(await client.send(get(server.origin), 5_000)).toMatchObject({ status: 200, body: 'late' });
});

test('abortAll ends what is under way', async () => {
  const server = await endpoint(() => undefined);
  const attempt = client.send(get(server.origin));
  setTimeout(() => client.abortAll(), 30);
  await expect(attempt).rejects.toMatchObject({ errorClass: 'aborted' });
});
