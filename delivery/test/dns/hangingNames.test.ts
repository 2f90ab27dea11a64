/** Names whose DNS hangs do not hold up the others: new connections all the time, nothing remembered, both in one run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bestOfThree } from '@postback/core/testing/bestOfThree';
import { startDnsServer, type DnsServer } from '@postback/core/testing/dnsServer';
import { startEndpointServer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { LOOPBACK_TARGETS } from '@postback/core/testing/loopbackTargets';
import { createNames } from '../../src/dns/names.js';
import { createQuery } from '../../src/dns/queryName.js';
import { createHttpClient, type HttpClient } from '../../src/http/client.js';
import type { LookUpAddresses } from '../../src/http/connector.js';

const NAMES = Array.from({ length: 10 }, (_, n) => n);
/** Long, so that a busy machine does not miss an answer. */
const DNS_TIMEOUT_MS = 3_000;
/** Of the machine that runs the test beside other things. */
const NOISE_MS = 25;

let dns: DnsServer;
let endpoint: EndpointServer;

beforeAll(async () => {
  dns = await startDnsServer();
  endpoint = await startEndpointServer((_received, response) => {
    response.setHeader('connection', 'close').end('ok');
  });
  for (const n of NAMES) {
    dns.set(`healthy-${n}.example`, { addresses: ['127.0.0.1'], ttl: 0 });
    dns.set(`hanging-${n}.example`, 'hangs');
  }
});
afterAll(async () => {
  await endpoint.close();
  await dns.close();
});

/** Time flies: nothing is remembered, so that every request asks the resolver. */
function forgetfulNames(timeoutMs = DNS_TIMEOUT_MS): LookUpAddresses {
  let now = 0;
  const query = createQuery({ timeoutMs, servers: [dns.address] });
  return createNames({
    query,
    hosts: { find: () => Promise.resolve([]) },
    timeoutMs,
    now: () => (now += 100_000),
  }).lookUp;
}

/** As a resolver with libuv's four threads behaves. */
function fourAtOnce(lookUp: LookUpAddresses): LookUpAddresses {
  let free = 4;
  const waiting: (() => void)[] = [];
  return async (name) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free--;
    try {
      return await lookUp(name);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

async function p99Of(client: HttpClient, count: number): Promise<number> {
  const port = new URL(endpoint.origin).port;
  const times: number[] = [];
  const worker = async (n: number) => {
    while (times.length < count) {
      const request = { method: 'GET', destination: `http://healthy-${n}.example:${port}`, path: '/', headers: {} };
      const startedAt = performance.now();
      await client.send({ ...request, body: undefined });
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(NAMES.map(worker));
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] as number;
}

/** p99 of healthy destinations without and with ten names beside them that hang, three postbacks to each all the time. */
async function measure(lookUp: LookUpAddresses, count: number): Promise<{ alone: number; beside: number }> {
  const client = createHttpClient({ timeoutMs: 10_000, connections: 50, allowedTargets: LOOPBACK_TARGETS, lookUp });
  await p99Of(client, count); // warm
  const alone = await p99Of(client, count);
  let isOver = false;
  const hang = async (n: number) => {
    const request = { method: 'GET', destination: `http://hanging-${n}.example:80`, path: '/', headers: {} };
    while (!isOver) await client.send({ ...request, body: undefined }).catch(() => sleep(1));
  };
  const hanging = [...NAMES, ...NAMES, ...NAMES].map(hang);
  await sleep(20);
  const beside = await p99Of(client, count).finally(() => (isOver = true));
  await Promise.all(hanging);
  await client.close();
  return { alone, beside };
}

test('ten names that hang leave healthy destinations as fast as they were', async () => {
  const excess = await bestOfThree(NOISE_MS, async () => {
    const { alone, beside } = await measure(forgetfulNames(), 1_000);
    if (process.env['SHOW_FIGURES']) process.stderr.write(`p99 alone ${alone} ms, beside hanging names ${beside} ms\n`);
    return beside - 1.5 * alone;
  });
  expect(excess).toBeLessThanOrEqual(NOISE_MS);
}, 120_000);

test('four lookups at once, as libuv has them, would hold everybody up: the test above can fail', async () => {
  const { alone, beside } = await measure(fourAtOnce(forgetfulNames(300)), 20);
  expect(beside).toBeGreaterThan(1.5 * alone + NOISE_MS);
}, 60_000);
