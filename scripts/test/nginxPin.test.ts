/** nginx/pin.sh: while replicas are exchanged nginx sends requests to those that are named, and to nobody else. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@postback/core/testing/eventually';
import { repositoryRoot } from '../src/local/layout.js';
import { searchPath } from '../src/local/systemPackages.js';
import { startEdge, type TestEdge } from './testEdge.js';

const PATIENCE_MS = 20_000;
jest.setTimeout(60_000);

/** Answers at once, or, when asked to wait, once the test says so. */
const held: ServerResponse[] = [];
const replica = createServer(({ headers }, response) => {
  if ('x-wait' in headers) held.push(response);
  else response.end('replica');
});
let edge: TestEdge;
let addresses: { readonly replica: string; readonly ingest: string };

beforeAll(async () => {
  await once(replica.listen(0, '127.0.0.1'), 'listening');
  edge = await startEdge();
  const ingest = /server (127\.0\.0\.1:\d+)/.exec(configuration())?.[1] ?? '';
  addresses = { replica: `127.0.0.1:${(replica.address() as AddressInfo).port}`, ingest };
});
afterAll(async () => {
  expect(await edge.stop()).toBe(0);
  replica.close();
});

const configuration = () => readFileSync(join(edge.directory, 'nginx.conf'), 'utf8');
const ask = async (path: string, headers: Record<string, string> = {}) => (await edge.call(path, { headers })).text();

/** @returns its exit code, once it has ended */
async function pin(...args: readonly string[]): Promise<number | null> {
  const env = {
    PATH: searchPath(process.env['PATH']),
    NGINX_DIR: edge.directory,
    LISTEN: `127.0.0.1:${edge.port}`,
    INGEST_SERVERS: addresses.ingest, // what holds without a pin
    ACCESS_LOG: join(edge.directory, 'access.log'),
    ERROR_LOG: join(edge.directory, 'error.log'),
  };
  const child = spawn('sh', [join(repositoryRoot, 'nginx/pin.sh'), ...args], { env, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

test('it ends when the last request on its way to who is not named is answered, and later ones go where it says', async () => {
  expect(await ask('/ingest')).toBe('ingest');
  expect(await pin('ingest', addresses.replica)).toBe(0);
  expect(await ask('/ingest')).toBe('replica');

  const waiting = ask('/ingest', { 'x-wait': 'yes' });
  await eventually('the replica has the request', () => held.length === 1, PATIENCE_MS);
  let isOver = false;
  const back = pin('ingest').finally(() => (isOver = true));
  await eventually('new requests go back', async () => (await ask('/ingest')) === 'ingest', PATIENCE_MS);
  expect(isOver).toBe(false); // the replica is not done, and must not be ended yet
  held[0]?.end('replica, late');
  expect(await waiting).toBe('replica, late');
  expect(await back).toBe(0);
  expect(await ask('/ingest')).toBe('ingest');
});

test('one upstream is pinned, the others stay', async () => {
  expect(await pin('dashboard', addresses.replica)).toBe(0);
  expect([await ask('/ingest'), await ask('/api/stats')]).toEqual(['ingest', 'replica']);
  expect(await pin('dashboard')).toBe(0);
});

test('a pin that nginx refuses is reported, and nginx goes on', async () => {
  expect(await pin('ingest', '127.0.0.1:99999')).not.toBe(0);
  expect(await ask('/ingest')).toBe('ingest');
});
