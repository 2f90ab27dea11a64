import { once } from 'node:events';
import { createServer } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import { bestOfThree } from '@postback/core/testing/bestOfThree';
import { LOOPBACK_TARGETS } from '@postback/core/testing/loopbackTargets';
import { createHttpClient } from '../../src/http/client.js';
import { dial } from '../../src/http/dial.js';
import { TransportError } from '../../src/http/transportError.js';

/** What a connection to an address meets; nothing is dialled. */
type Fate = 'answers' | 'hangs' | 'refuses';

let sockets: Map<string, Socket>;

beforeEach(() => {
  sockets = new Map();
});

function dialTo(fates: Readonly<Record<string, Fate>>, timeoutMs = 5_000): Promise<Socket> {
  const open = ({ host }: { readonly host: string }) => {
    const socket = new Socket();
    sockets.set(host, socket);
    Object.defineProperty(socket, 'remoteAddress', { value: host });
    const refusal = Object.assign(new Error(`${host} refuses`), { code: 'ECONNREFUSED' });
    process.nextTick(() => {
      if (fates[host] === 'answers') socket.emit('connect');
      if (fates[host] === 'refuses') socket.destroy(refusal);
    });
    return socket;
  };
  return dial({ addresses: Object.keys(fates), port: 80, timeoutMs, objection: () => undefined, open });
}

const destroyed = () => Object.fromEntries([...sockets].map(([host, socket]) => [host, socket.destroyed]));

test('the first address that answers is taken, the others are not tried', async () => {
  expect((await dialTo({ a: 'answers', b: 'answers' })).remoteAddress).toBe('a');
  expect(destroyed()).toEqual({ a: false });
});

test('one that refuses is followed by the next one at once', async () => {
  const tookMs = await bestOfThree(200, async () => {
    const startedAt = performance.now();
    expect((await dialTo({ a: 'refuses', b: 'refuses', c: 'answers' })).remoteAddress).toBe('c');
    return performance.now() - startedAt;
  });
  expect(tookMs).toBeLessThanOrEqual(200); // a moment is 250 ms, and there would be two of them
});

test('one that hangs is overtaken after a moment, and let go of', async () => {
  expect((await dialTo({ a: 'hangs', b: 'answers' })).remoteAddress).toBe('b');
  expect(destroyed()).toEqual({ a: true, b: false });
});

test('one that is slow may still win after the next one was begun', async () => {
  const dialling = dialTo({ a: 'hangs', b: 'hangs' });
  const timer = setInterval(() => sockets.has('b') && sockets.get('a')?.emit('connect'), 10);
  expect((await dialling).remoteAddress).toBe('a');
  clearInterval(timer);
  expect(destroyed()).toEqual({ a: false, b: true });
});

test('when all refuse, the first one says why', async () => {
  await expect(dialTo({ a: 'refuses', b: 'refuses' })).rejects.toThrow('a refuses');
});

test('when nobody answers, the deadline ends it and nothing is left open', async () => {
  await expect(dialTo({ a: 'hangs', b: 'hangs' }, 400)).rejects.toMatchObject({ errorClass: 'timeout' });
  expect(destroyed()).toEqual({ a: true, b: true });
});

test('an objection to the address that was reached ends it: no other one is tried', async () => {
  const fault = new TransportError('forbidden-target', 'no');
  const tried: string[] = [];
  const open = ({ host }: { readonly host: string }) => {
    tried.push(host);
    const socket = new Socket();
    process.nextTick(() => socket.emit('connect'));
    return socket;
  };
  const dialling = dial({ addresses: ['a', 'b'], port: 80, timeoutMs: 1_000, objection: () => fault, open });
  await expect(dialling).rejects.toBe(fault);
  expect(tried).toEqual(['a']);
});

test('no address at all is a name without an answer', async () => {
  await expect(dialTo({})).rejects.toMatchObject({ errorClass: 'dns' });
});

test('a target with IPv6 only is reached, by name and by address', async () => {
  const server = createServer((_request, response) => response.end('six')).listen(0, '::1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const lookUp = () => Promise.resolve(['::1']);
  const client = createHttpClient({ timeoutMs: 5_000, connections: 2, allowedTargets: LOOPBACK_TARGETS, lookUp });
  for (const host of ['six.example', '[::1]']) {
    const destination = `http://${host}:${port}`;
    const answer = await client.send({ method: 'GET', destination, path: '/', headers: {}, body: undefined });
    expect(answer).toMatchObject({ status: 200, body: 'six' });
  }
  await client.close();
  server.closeAllConnections();
  server.close();
});
