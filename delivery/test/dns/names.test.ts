import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@postback/core/testing/redisServer';
import { startDnsServer, type DnsRecord, type DnsServer } from '@postback/core/testing/dnsServer';
import { createHostsFile, parseHosts } from '../../src/dns/hostsFile.js';
import { createNames } from '../../src/dns/names.js';
import { createQuery } from '../../src/dns/queryName.js';
import { parseDnsServer } from '../../src/dns/server.js';
import type { LookUpAddresses } from '../../src/http/connector.js';

const PUBLIC = '93.184.215.14';
const SIX = '2606:4700::1111';
const NO_HOSTS = { find: () => Promise.resolve([]) };

let server: DnsServer;
let now: number;
let lookUp: LookUpAddresses;

beforeEach(async () => {
  server = await startDnsServer();
  now = 0;
  lookUp = namesOf(server.address);
});
afterEach(() => server.close());

function namesOf(address: string, timeoutMs = 300): LookUpAddresses {
  return createNames({
    query: createQuery({ timeoutMs, servers: [address] }),
    hosts: NO_HOSTS,
    timeoutMs,
    now: () => now,
  }).lookUp;
}

const asked = (name: string) => server.questions.filter((question) => question.endsWith(` ${name}`)).length;

test.each<[what: string, record: DnsRecord, expected: readonly string[]]>([
  ['an IPv4 address', { addresses: [PUBLIC] }, [PUBLIC]],
  ['only AAAA', { addresses: [SIX] }, [SIX]],
  ['both, in turns', { addresses: ['1.1.1.1', '8.8.8.8', SIX] }, ['1.1.1.1', SIX, '8.8.8.8']],
  ['an alias', { addresses: [PUBLIC], alias: 'cdn.example' }, [PUBLIC]],
])('finds %s', async (_what, record, expected) => {
  server.set('h.example', record);
  expect(await lookUp('H.example.')).toEqual(expected);
});

test.each([
  [6, PUBLIC],
  [4, SIX],
] as const)(
  'questions about IPv%i that are never answered do not hold up the other family',
  async (silentFamily, found) => {
    lookUp = namesOf(server.address, 60_000);
    server.set('h.example', { addresses: [PUBLIC, SIX], silentFamily });
    expect(await lookUp('h.example')).toEqual([found]);
  },
);

test('a name is asked for once, whoever wants it, and remembered for its ttl of a minute at most', async () => {
  server.set('h.example', { addresses: [PUBLIC], ttl: 86_400 });
  await Promise.all(Array.from({ length: 50 }, () => lookUp('h.example')));
  expect(asked('h.example')).toBe(2); // A and AAAA
  server.set('h.example', { addresses: ['1.1.1.1'] });
  now = 59_999;
  expect(await lookUp('h.example')).toEqual([PUBLIC]);
  now = 60_000;
  expect(await lookUp('h.example')).toEqual(['1.1.1.1']);
});

test('a ttl of 0 counts as a second, so that not every connection asks', async () => {
  server.set('h.example', { addresses: [PUBLIC], ttl: 0 });
  await lookUp('h.example');
  now = 999;
  await lookUp('h.example');
  expect(asked('h.example')).toBe(2);
  now = 1_000;
  await lookUp('h.example');
  expect(asked('h.example')).toBe(4);
});

describe('a name without an answer', () => {
  test('that does not exist is told so, and asked for again after some seconds', async () => {
    await expect(lookUp('none.example')).rejects.toMatchObject({ errorClass: 'dns', resolverWorks: false });
    await expect(lookUp('none.example')).rejects.toMatchObject({ errorClass: 'dns' });
    expect(asked('none.example')).toBe(2);
    now = 4_000;
    server.set('none.example', { addresses: [PUBLIC] });
    expect(await lookUp('none.example')).toEqual([PUBLIC]);
  });

  test.each<[DnsRecord, string]>([
    ['hangs', 'ETIMEOUT'],
    ['fails', 'ESERVFAIL'],
    ['refused', 'EREFUSED'],
  ])('because the server %s may be our fault, within the timeout', async (record, code) => {
    server.set('h.example', record);
    const startedAt = performance.now();
    const failure = { errorClass: 'resolver', message: expect.stringContaining(code) };
    await expect(lookUp('h.example')).rejects.toMatchObject(failure);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  test('while others have one is not our fault', async () => {
    server.set('good.example', { addresses: [PUBLIC] });
    server.set('bad.example', 'fails');
    await lookUp('good.example');
    now = 60_000; // the good one is forgotten; it is asked for again, as a witness
    await expect(lookUp('bad.example')).rejects.toMatchObject({ errorClass: 'dns', resolverWorks: true });
    expect(asked('good.example')).toBe(4);
  });

  test('is told within the timeout, also when the witnesses are silent: the attempt has a deadline too', async () => {
    server.set('good.example', { addresses: [PUBLIC] });
    lookUp = namesOf(server.address, 1_000);
    await lookUp('good.example');
    now = 60_000;
    for (const name of ['good.example', 'bad.example']) server.set(name, 'hangs');
    const startedAt = performance.now();
    await expect(lookUp('bad.example')).rejects.toMatchObject({ errorClass: 'resolver' });
    expect(performance.now() - startedAt).toBeLessThan(1_900);
  });

  test('that hangs while others have one is not our fault either, and is told within the timeout', async () => {
    server.set('good.example', { addresses: [PUBLIC] });
    server.set('bad.example', 'hangs');
    lookUp = namesOf(server.address, 1_000);
    await lookUp('good.example');
    now = 60_000;
    const startedAt = performance.now();
    await expect(lookUp('bad.example')).rejects.toMatchObject({ errorClass: 'dns', resolverWorks: true });
    expect(performance.now() - startedAt).toBeLessThan(1_900);
  });

  test('while none of those that had one has it any more is our fault', async () => {
    for (const name of ['a.example', 'b.example']) {
      server.set(name, { addresses: [PUBLIC] });
      await lookUp(name);
      server.set(name, 'fails');
    }
    now = 60_000;
    server.set('bad.example', 'fails');
    await expect(lookUp('bad.example')).rejects.toMatchObject({ errorClass: 'resolver' });
    await expect(lookUp('a.example')).rejects.toMatchObject({ errorClass: 'resolver' });
  });

  test('is no proof against us when only a container has one: Docker answers for those itself', async () => {
    server.set('sink', { addresses: ['172.18.0.5'] });
    server.set('bad.example', 'fails');
    await lookUp('sink');
    now = 60_000;
    await expect(lookUp('bad.example')).rejects.toMatchObject({ errorClass: 'resolver' });
  });

  test('because nobody listens there is the resolver', async () => {
    lookUp = namesOf(`127.0.0.1:${await freePort()}`);
    await expect(lookUp('h.example')).rejects.toMatchObject({ errorClass: 'resolver' });
  });
});

test('more names at once than there is room for: the rest fails at once, what is known goes on', async () => {
  server.set('good.example', { addresses: [PUBLIC] });
  await lookUp('good.example');
  const silent = new Promise<never>(() => undefined);
  const query = createQuery({ timeoutMs: 300, servers: [server.address] });
  lookUp = createNames({
    query: (name) => (name === 'good.example' ? query(name) : silent),
    hosts: NO_HOSTS,
    timeoutMs: 300,
  }).lookUp;
  await lookUp('good.example');
  for (let n = 0; n < 1_000; n++) void lookUp(`h${n}.example`);
  await expect(lookUp('one-more.example')).rejects.toMatchObject({
    message: expect.stringContaining('too many names'),
  });
  expect(await lookUp('good.example')).toEqual([PUBLIC]);
});

describe('the hosts file', () => {
  const TEXT =
    '# comment\n127.0.0.1\tlocalhost loopback # more\n\n::1 localhost\n10.1.1.1 Partner.Example\nnonsense x\n';

  test('is read as the system reads it, IPv4 first', () => {
    const found = parseHosts(`fd00::1 both\n${TEXT}10.0.0.1 both\n`);
    expect(found.get('localhost')).toEqual(['127.0.0.1', '::1']);
    expect(found.get('partner.example')).toEqual(['10.1.1.1']);
    expect(found.get('both')).toEqual(['10.0.0.1', 'fd00::1']);
    expect(found.has('x')).toBe(false);
  });

  test('goes before the resolver, and a change is seen', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'postback-hosts-'));
    const path = join(directory, 'hosts');
    writeFileSync(path, TEXT);
    server.set('partner.example', { addresses: [PUBLIC] });
    const query = createQuery({ timeoutMs: 300, servers: [server.address] });
    lookUp = createNames({ query, hosts: createHostsFile(path, () => now), timeoutMs: 300, now: () => now }).lookUp;
    expect(await lookUp('partner.example')).toEqual(['10.1.1.1']);
    expect(server.questions).toEqual([]);
    rmSync(directory, { recursive: true });
    now = 6_000;
    expect(await lookUp('partner.example')).toEqual([PUBLIC]);
    expect(await lookUp('localhost')).toEqual(['127.0.0.1', '::1']); // RFC 6761
    expect(asked('localhost')).toBe(0);
  });
});

test.each(['192.0.2.1', '192.0.2.1:5353', '2001:db8::1', '[2001:db8::1]:5353'])('%s is a resolver', (item) => {
  expect(parseDnsServer(item)).toBe(item);
});
test.each(['dns.example', '192.0.2', '192.0.2.1:0', '192.0.2.1:x', '[192.0.2.1]:53', ''])('%s is none', (item) => {
  expect(() => parseDnsServer(item)).toThrow(/^expected address or address:port/);
});
