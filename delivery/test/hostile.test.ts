/** The real process against third parties that mean it ill. Needs what `make test` builds. */
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { createGzip } from 'node:zlib';
import { createQueue, type Queue } from '@postback/core/queue/queue';
import { makeCertificate } from '@postback/core/testing/certificate';
import { answerOk, startEndpointServer, type Answer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { eventually } from '@postback/core/testing/eventually';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { startDeliveryProcess, type DeliveryProcess } from './deliveryProcess.js';

const BOMB_BYTES = 300 * 1024 * 1024;
const MIB = 1024 * 1024;

let server: TestRedis;
let queue: Queue;
let endpoint: EndpointServer;
let answer: Answer;
let delivery: DeliveryProcess;

beforeEach(async () => {
  server = await startTestRedis();
  queue = createQueue(await server.connect());
  answer = answerOk;
  endpoint = await startEndpointServer((received, response, socket) => answer(received, response, socket));
});
afterEach(async () => {
  delivery.child.kill('SIGKILL');
  await endpoint.close();
  await server.stop();
});

async function startDelivery(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  delivery = await startDeliveryProcess(server, settings);
}

let distinct = 0;
async function deliverTo(url: string, count: number): Promise<void> {
  const endpointJson = JSON.stringify({ method: 'GET', url: `${url}?n={n}` });
  const data = Array.from({ length: count }, (_, n) => `{"n":${n}}`);
  const before = await queue.books();
  await queue.enqueue({ endpointHash: `h${distinct++}`, endpointJson, data });
  const isDone = async () => (await queue.books()).delivered === before.delivered + count;
  await eventually('all are delivered', isDone, 60_000);
}

/** The most that the process takes while `work` is done. */
async function peakDuring(work: () => Promise<void>): Promise<number> {
  let peak = delivery.residentBytes();
  const timer = setInterval(() => (peak = Math.max(peak, delivery.residentBytes())), 10);
  await work().finally(() => clearInterval(timer));
  return Math.max(peak, delivery.residentBytes());
}

/** 300 MB of zeros, as some 300 KB. */
async function makeBomb(): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  const zeros = Buffer.alloc(MIB);
  for (let written = 0; written < BOMB_BYTES; written += zeros.length) {
    if (!gzip.write(zeros)) await once(gzip, 'drain');
  }
  gzip.end();
  await once(gzip, 'end');
  return Buffer.concat(chunks);
}

const pourForever: Answer = (_received, response) => {
  const pour = () => {
    while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, 'x')));
  };
  response.on('drain', pour);
  pour();
};

test('bombs and endless bodies are neither inflated nor swallowed: it grows by less than 20 MB', async () => {
  const bomb = await makeBomb();
  await startDelivery();
  answer = (_received, response) => response.setHeader('connection', 'close').end('x'.repeat(60_000)); // what is harmless takes room too
  await deliverTo(`${endpoint.origin}/warm`, 3_000);
  const before = delivery.residentBytes();
  const during = await peakDuring(async () => {
    answer = (_received, response) => response.setHeader('content-encoding', 'gzip').end(bomb);
    await deliverTo(`${endpoint.origin}/bomb`, 100);
    answer = pourForever;
    await deliverTo(`${endpoint.origin}/endless`, 100);
  });
  if (process.env['SHOW_FIGURES']) {
    process.stderr.write(`RSS before ${(before / MIB).toFixed(1)} MiB, at most ${(during / MIB).toFixed(1)} MiB\n`);
  }
  expect(during - before).toBeLessThan(20e6);
  const isCut = (line: string) => /\/(bomb|endless)\?/.test(line) && line.includes('"response_truncated":true');
  const cut = delivery.log().split('\n').filter(isCut);
  expect(cut).toHaveLength(200);
}, 180_000);

test('the proxy variables of the environment are ignored', async () => {
  let connections = 0;
  const proxy = createServer((socket) => {
    connections++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const names = [
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'ALL_PROXY',
    'http_proxy',
    'https_proxy',
    'all_proxy',
    'npm_config_proxy',
  ];
  const proxied = Object.fromEntries(names.map((name) => [name, url]));
  await startDelivery({ ...proxied, NO_PROXY: '', no_proxy: '', NODE_USE_ENV_PROXY: '1' });
  await deliverTo(`${endpoint.origin}/direct`, 10);
  expect(endpoint.received).toHaveLength(10);
  expect(connections).toBe(0);
  proxy.close();
}, 60_000);

test('a certificate of an authority in NODE_EXTRA_CA_CERTS is trusted, for its own name only', async () => {
  const certificate = makeCertificate(['DNS:localhost']);
  let requests = 0;
  const partner = createHttpsServer({ key: certificate.key, cert: certificate.cert }, (_request, response) => {
    requests++;
    response.end('ok');
  }).listen(0, '127.0.0.1');
  partner.on('tlsClientError', () => undefined);
  await once(partner, 'listening');
  const { port } = partner.address() as AddressInfo;
  await startDelivery({ NODE_EXTRA_CA_CERTS: certificate.certFile });
  await deliverTo(`https://localhost:${port}/`, 2);
  expect(requests).toBe(2);
  const other = { endpointHash: 'other', endpointJson: `{"method":"GET","url":"https://127.0.0.1:${port}/"}` };
  await queue.enqueue({ ...other, data: ['{}'] });
  await eventually('the other name is refused', () => delivery.log().includes('"error_class":"tls"'), 20_000);
  expect(requests).toBe(2);
  partner.closeAllConnections();
  partner.close();
  certificate.remove();
}, 60_000);
