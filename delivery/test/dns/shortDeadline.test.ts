/** An attempt that may take less time than a look-up: whose fault it is when its name has no answer by then. */
import { startDnsServer, type DnsServer } from '@postback/core/testing/dnsServer';
import { startEndpointServer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { LOOPBACK_TARGETS } from '@postback/core/testing/loopbackTargets';
import { createNames } from '../../src/dns/names.js';
import { createQuery } from '../../src/dns/queryName.js';
import { createHttpClient, type HttpClient, type OutgoingRequest } from '../../src/http/client.js';

/** Longer than any attempt here. */
const DNS_TIMEOUT_MS = 4_000;
/** Longer than it takes until the resolver is asked whether it works, and it has time to answer. */
const DEADLINE_MS = 1_500;

let dns: DnsServer;
let endpoint: EndpointServer;
let http: HttpClient;

beforeEach(async () => {
  dns = await startDnsServer({ 'good.example': { addresses: ['127.0.0.1'], ttl: 0 }, 'bad.example': 'hangs' });
  endpoint = await startEndpointServer((_received, response) => response.setHeader('connection', 'close').end('ok'));
  const query = createQuery({ timeoutMs: DNS_TIMEOUT_MS, servers: [dns.address] });
  http = createHttpClient({
    timeoutMs: DNS_TIMEOUT_MS,
    connections: 10,
    allowedTargets: LOOPBACK_TARGETS,
    ...createNames({ query, hosts: { find: () => Promise.resolve([]) }, timeoutMs: DNS_TIMEOUT_MS }),
  });
});
afterEach(async () => {
  await http.close();
  await endpoint.close();
  await dns.close();
});

const to = (host: string): OutgoingRequest => ({
  method: 'GET',
  destination: `http://${host}:${new URL(endpoint.origin).port}`,
  path: '/',
  headers: {},
  body: undefined,
});

test('the resolver is silent about every name: it is told as the resolver, not as a timeout of the destination', async () => {
  await http.send(to('good.example'));
  dns.set('good.example', 'hangs');
  const failure = http.send(to('bad.example'), DEADLINE_MS);
  await expect(failure).rejects.toMatchObject({
    errorClass: 'resolver',
    message: `no full answer in ${DEADLINE_MS} ms, nor one about bad.example`,
  });
});

test('the resolver answers about others meanwhile: the destination has used up its time', async () => {
  await http.send(to('good.example'));
  await expect(http.send(to('bad.example'), DEADLINE_MS)).rejects.toMatchObject({ errorClass: 'timeout' });
});

test('the name was found, and the destination does not answer: it has used up its time', async () => {
  const hanging = await startEndpointServer(() => undefined);
  try {
    const request = { ...to('good.example'), destination: `http://good.example:${new URL(hanging.origin).port}` };
    await expect(http.send(request, 100)).rejects.toMatchObject({ errorClass: 'timeout' });
  } finally {
    await hanging.close();
  }
});
