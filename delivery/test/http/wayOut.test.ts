/** Nothing here is dialled: the sockets are fakes that say what a connection would have met. */
import { Socket } from 'node:net';
import { createConnector } from '../../src/http/connector.js';
import type { TransportError } from '../../src/http/transportError.js';
import { createWayOut } from '../../src/http/wayOut.js';

const GOOD = '93.184.215.14';
const BAD = '93.184.215.15';

let dialled: string[];
let reachable: Set<string>;

beforeEach(() => {
  dialled = [];
  reachable = new Set([GOOD]);
});

function open({ host }: { readonly host: string }): Socket {
  dialled.push(host);
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: host });
  process.nextTick(() => {
    if (reachable.has(host)) socket.emit('connect');
    else socket.destroy(Object.assign(new Error('no way'), { code: 'ENETUNREACH' }));
  });
  return socket;
}

async function connectTo(
  connector: ReturnType<typeof createConnector>,
  host: string,
): Promise<TransportError | undefined> {
  const options = { protocol: 'http:', hostname: host, host, port: '80' };
  return new Promise((resolve) => {
    connector.connect(options, (...[error, socket]) => {
      socket?.destroy();
      resolve((error as TransportError | null) ?? undefined);
    });
  });
}

const connectorOf = () =>
  createConnector({ timeoutMs: 500, allowedTargets: [], lookUp: (name) => Promise.resolve([name]), open });

test('an unreachable destination is its own fault while a place that was reached before still is', async () => {
  const connector = connectorOf();
  expect(await connectTo(connector, GOOD)).toBeUndefined();
  expect(await connectTo(connector, BAD)).toMatchObject({ errorClass: 'unreachable', wayOutWorks: true });
  expect(dialled).toEqual([GOOD, BAD, GOOD]);
});

test('it may be ours when nobody can be reached any more', async () => {
  const connector = connectorOf();
  await connectTo(connector, GOOD);
  reachable.clear();
  expect(await connectTo(connector, BAD)).toMatchObject({ errorClass: 'unreachable', wayOutWorks: false });
});

test('it may be ours as long as nobody has been reached', async () => {
  expect(await connectTo(connectorOf(), BAD)).toMatchObject({ errorClass: 'unreachable', wayOutWorks: false });
});

test('many unreachable destinations make one try a second, and one that was reached since makes none', async () => {
  let now = 0;
  const wayOut = createWayOut({ open, now: () => now });
  wayOut.noteReached({ address: GOOD, port: 80 });
  now = 10;
  expect(await Promise.all(Array.from({ length: 100 }, () => wayOut.works(5)))).toEqual(Array(100).fill(true));
  expect(dialled).toEqual([GOOD]);
  now = 1_011;
  expect(await wayOut.works(1_011)).toBe(true);
  expect(dialled).toEqual([GOOD, GOOD]);
  wayOut.noteReached({ address: GOOD, port: 80 });
  expect(await wayOut.works(1_000)).toBe(true);
  expect(dialled).toHaveLength(2);
});

test('a place of our own network proves nothing', async () => {
  const wayOut = createWayOut({ open, now: () => 0 });
  wayOut.noteReached({ address: '172.18.0.5', port: 8090 });
  expect(await wayOut.works(0)).toBe(false);
  expect(dialled).toEqual([]);
});
