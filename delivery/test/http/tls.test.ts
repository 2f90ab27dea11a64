/** Who is on the other side is verified, and nothing is sent to somebody else. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { makeCertificate, type TestCertificate } from '@postback/core/testing/certificate';
import { LOOPBACK_TARGETS } from '@postback/core/testing/loopbackTargets';
import { createHttpClient, type HttpClient } from '../../src/http/client.js';

let certificate: TestCertificate;
let server: Server;
let port: number;
let requests: number;
let client: HttpClient;

beforeAll(async () => {
  certificate = makeCertificate(['DNS:partner.example', 'IP:127.0.0.1']);
  server = createServer({ key: certificate.key, cert: certificate.cert }, (_request, response) => {
    requests++;
    response.end('ok');
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  certificate.remove();
});
beforeEach(() => {
  requests = 0;
  const lookUp = () => Promise.resolve(['127.0.0.1']);
  client = createHttpClient({ timeoutMs: 1_000, connections: 4, allowedTargets: LOOPBACK_TARGETS, lookUp });
});
afterEach(async () => {
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  await client.close();
});

const send = (host: string, at = port) =>
  client.send({ method: 'GET', destination: `https://${host}:${at}`, path: '/', headers: {}, body: undefined });

test.each(['partner.example', '127.0.0.1', 'other.example'])(
  'a certificate that nobody we trust has signed is refused (%s), and no request is sent',
  async (host) => {
    await expect(send(host)).rejects.toMatchObject({ errorClass: 'tls' });
    expect(requests).toBe(0);
  },
);

test('it is refused although NODE_TLS_REJECT_UNAUTHORIZED says otherwise', async () => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  await expect(send('partner.example')).rejects.toMatchObject({ errorClass: 'tls' });
  expect(requests).toBe(0);
});

test('a handshake that never ends is ended by the deadline', async () => {
  const silent = createTcpServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const startedAt = performance.now();
  await expect(send('partner.example', (silent.address() as AddressInfo).port)).rejects.toMatchObject({
    errorClass: 'timeout',
  });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  await client.close(); // lets go of the connection
  silent.close();
});
