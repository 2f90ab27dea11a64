import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { parseAllowedTarget } from '@postback/core/net/allowedTarget';
import { makeCertificate } from '@postback/core/testing/certificate';
import { startEndpointServer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { freePort } from '@postback/core/testing/redisServer';
import { createHttpClient, type HttpClient } from '../../src/http/client.js';
import { parseEgressProxy } from '../../src/http/egressProxy.js';

interface Asked {
  readonly place: string;
  readonly authorization: string | undefined;
}

let endpoint: EndpointServer;
let proxy: Server;
let proxyPort: number;
let asked: Asked[];
/** What the proxy answers instead of opening the tunnel. */
let refusal: string | undefined;
let client: HttpClient;
let lookups: string[];

beforeEach(async () => {
  asked = [];
  refusal = undefined;
  lookups = [];
  endpoint = await startEndpointServer();
  proxy = createServer((_request, response) => response.writeHead(500).end());
  const sockets = new Set<Socket>();
  proxy.on('connect', ({ url = '', headers }, socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
    asked.push({ place: url, authorization: headers['proxy-authorization'] });
    if (refusal !== undefined) return socket.end(`HTTP/1.1 ${refusal}\r\n\r\n`);
    // Every name leads to the endpoint: this proxy has a resolver of its own.
    const onwards = connect(Number(new URL(endpoint.origin).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onwards).pipe(socket);
    });
    sockets.add(onwards.on('error', () => undefined));
  });
  proxy.on('close', () => sockets.forEach((socket) => socket.destroy()));
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  proxyPort = (proxy.address() as AddressInfo).port;
  client = clientThrough(`http://us%40er:p%3Ass@127.0.0.1:${proxyPort}`);
});
afterEach(async () => {
  await client.close();
  proxy.closeAllConnections();
  proxy.close();
  await endpoint.close();
});

function clientThrough(url: string, allowed: readonly string[] = []): HttpClient {
  return createHttpClient({
    timeoutMs: 1_000,
    connections: 4,
    allowedTargets: allowed.map(parseAllowedTarget),
    proxy: parseEgressProxy(url),
    lookUp: (name) => {
      lookups.push(name);
      return Promise.resolve(['127.0.0.1']);
    },
  });
}

const get = (destination: string) => ({ method: 'GET', destination, path: '/p?q=1', headers: {}, body: undefined });

test('postbacks go through a tunnel, which is kept; its credentials go to the proxy only', async () => {
  for (let n = 0; n < 3; n++) {
    await client.send(get('http://partner.example:8080'));
    await setImmediate(); // undici hands out an answer just before it takes the connection back
  }
  const authorization = `Basic ${Buffer.from('us@er:p:ss').toString('base64')}`;
  expect(asked).toEqual([{ place: 'partner.example:8080', authorization }]);
  expect(endpoint.received.map(({ url }) => url)).toEqual(['/p?q=1', '/p?q=1', '/p?q=1']);
  expect(endpoint.received[0]?.headers).toEqual({ host: 'partner.example:8080', connection: 'keep-alive' });
});

test('names are left to the proxy, its own is looked up', async () => {
  await client.close();
  client = clientThrough(`http://proxy.example:${proxyPort}`);
  const { phases } = await client.send(get('http://partner.example:80'));
  expect(lookups).toEqual(['proxy.example']);
  expect(asked).toEqual([{ place: 'partner.example:80', authorization: undefined }]);
  expect(phases).toMatchObject({ dnsMs: expect.any(Number), connectMs: expect.any(Number) });
});

test.each([
  'http://127.0.0.1:80',
  'http://[::1]:80',
  'http://localhost:80',
  'http://169.254.169.254:80',
  'http://redis:6380',
])('%s is refused as it is written, and the proxy hears nothing of it', async (destination) => {
  await expect(client.send(get(destination))).rejects.toMatchObject({ errorClass: 'forbidden-target' });
  expect(asked).toEqual([]);
});

test('TLS is between us and the target, through the proxy', async () => {
  const certificate = makeCertificate(['DNS:partner.example']);
  const target = createHttpsServer({ key: certificate.key, cert: certificate.cert }).listen(0, '127.0.0.1');
  target.on('tlsClientError', () => undefined);
  await once(target, 'listening');
  const { port } = target.address() as AddressInfo;
  await endpoint.close();
  endpoint = { ...endpoint, origin: `http://127.0.0.1:${port}`, close: () => Promise.resolve() };
  await expect(client.send(get('https://partner.example:443'))).rejects.toMatchObject({ errorClass: 'tls' });
  expect(asked).toMatchObject([{ place: 'partner.example:443' }]);
  target.close();
  certificate.remove();
});

test.each([
  ['407 Proxy Authentication Required', 'proxy'],
  ['403 Forbidden', 'proxy-refused'],
  ['502 Bad Gateway', 'proxy-refused'],
  ['200 OK\r\n\r\ntoo early', 'proxy-refused'],
])('the answer %j is %s', async (answer, errorClass) => {
  refusal = answer;
  await expect(client.send(get('http://partner.example:80'))).rejects.toMatchObject({ errorClass });
});

test('a proxy that is not there is not the fault of the target, and its password is not told', async () => {
  await client.close();
  client = clientThrough(`http://user:canary@127.0.0.1:${await freePort()}`);
  const failing = client.send(get('http://partner.example:80'));
  await expect(failing).rejects.toMatchObject({ errorClass: 'proxy', message: expect.not.stringContaining('canary') });
});

describe('the setting', () => {
  test.each([
    ['http://proxy.example:3128', { host: 'proxy.example', port: 3128, isSecure: false, authorization: undefined }],
    ['https://[fd00::1]', { host: 'fd00::1', port: 443, isSecure: true, authorization: undefined }],
  ])('%s', (text, expected) => expect(parseEgressProxy(text)).toEqual(expected));

  test.each([
    'proxy:3128',
    'socks5://canary@proxy',
    'http://canary@',
    'http://p/canary',
    'http://p?canary',
    'http://%ff:canary@p',
  ])('%s is refused, and not repeated', (text) => {
    expect(() => parseEgressProxy(text)).toThrow(/^expected http:\/\/host:port(?!.*canary)/);
  });
});
