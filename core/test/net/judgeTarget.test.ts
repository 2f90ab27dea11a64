import { addressFault } from '../../src/net/addressFault.js';
import { parseAllowedTarget } from '../../src/net/allowedTarget.js';
import { judgeAddresses, judgeHost, targetOf, type Verdict } from '../../src/net/judgeTarget.js';

const allow = (...items: string[]) => items.map(parseAllowedTarget);
const host = (name: string, port = 80, allowed = allow()) => judgeHost({ host: name, port }, allowed);
const detailOf = (verdict: Verdict) => (verdict.kind === 'forbidden' ? verdict.detail : '');

describe('an address', () => {
  test.each([
    ['127.0.0.1', 'a loopback address'],
    ['127.255.255.254', 'a loopback address'],
    ['0.0.0.0', 'an unspecified address'],
    ['0.1.2.3', 'an unspecified address'],
    ['10.0.0.1', 'a private address'],
    ['172.16.0.1', 'a private address'],
    ['192.168.255.255', 'a private address'],
    ['100.64.0.1', "an address of a provider's own network"],
    ['169.254.1.1', 'a link-local address'],
    ['192.0.0.8', 'not an address of the public internet'],
    ['192.0.2.1', 'not an address of the public internet'],
    ['192.88.99.1', 'not an address of the public internet'],
    ['198.18.0.1', 'not an address of the public internet'],
    ['198.51.100.1', 'not an address of the public internet'],
    ['203.0.113.1', 'not an address of the public internet'],
    ['224.0.0.1', 'a multicast address'],
    ['240.0.0.1', 'not an address of the public internet'],
    ['255.255.255.255', 'the broadcast address'],
    ['::', 'an unspecified address'],
    ['::1', 'a loopback address'],
    ['::7f00:1', 'not an address of the public internet'],
    ['::ffff:127.0.0.1', 'a loopback address'],
    ['::ffff:0:127.0.0.1', 'not an address of the public internet'],
    ['64:ff9b::10.0.0.1', 'an address that leads to a private address'],
    ['64:ff9b:1::127.0.0.1', 'an address that leads to a loopback address'],
    ['64:ff9b:1:a00:0:100:808:808', 'not an address of the public internet'],
    ['100::1', 'not an address of the public internet'],
    ['100:0:0:1::1', 'not an address of the public internet'],
    ['2001::1', 'an address that leads to an unspecified address'],
    ['2001:0:808:808:0:0:80ff:fffe', 'an address that leads to a loopback address'], // Teredo: 127.0.0.1, inverted
    ['2001:2::1', 'not an address of the public internet'],
    ['2001:20::1', 'not an address of the public internet'],
    ['2001:db8::1', 'not an address of the public internet'],
    ['2002:7f00:1::1', 'an address that leads to a loopback address'],
    ['2002:c0a8:101::1', 'an address that leads to a private address'],
    ['2606:4700::5efe:10.0.0.1', 'an address that leads to a private address'],
    ['2606:4700::200:5efe:10.0.0.1', 'an address that leads to a private address'],
    ['3ffe::1', 'not an address of the public internet'],
    ['3fff::1', 'not an address of the public internet'],
    ['4000::1', 'not an address of the public internet'],
    ['5f00::1', 'not an address of the public internet'],
    ['fc00::1', 'a private address'],
    ['fe80::1', 'a link-local address'],
    ['fec0::1', 'not an address of the public internet'],
    ['ff02::1', 'a multicast address'],
    ['nonsense', 'not an address'],
  ])('%s is refused: %s', (address, what) => {
    expect(addressFault(address)).toEqual({ isMetadata: false, what });
  });

  test.each([
    ...['169.254.169.254', '169.254.170.2', '100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254'],
    ...['::ffff:169.254.169.254', '64:ff9b::169.254.169.254', '2002:a9fe:a9fe::', '64:ff9b::168.63.129.16'],
  ])('%s is a metadata service, which nothing permits', (address) => {
    expect(addressFault(address)?.isMetadata).toBe(true);
    const everything = allow('0.0.0.0/0', '::/0', 'h', '169.254.169.254');
    const verdict = judgeAddresses({ host: 'h', port: 80 }, [address], everything);
    expect(detailOf(verdict)).toMatch(/metadata address; no setting permits it$/);
  });

  test.each([
    ...['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '192.0.3.1', '223.255.255.255', '168.63.129.17'],
    ...['2606:4700::1111', '2a00:1450:4001::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2002:808:808::1'],
    '2001:0:808:808:0:0:f7f7:f7f7', // Teredo: server and client 8.8.8.8
  ])('%s is one of the public internet', (address) => {
    expect(addressFault(address)).toBeUndefined();
  });
});

describe('a host', () => {
  test.each([
    ...['redis', 'ingest', 'delivery', 'dashboard', 'nginx', 'sink', 'REDIS', 'redis.', 'localhost', 'localhost..'],
    ...['a.localhost', 'ip6-localhost', 'x.localdomain', 'printer.local', 'host.docker.internal', 'nas.home.arpa'],
  ])('%s is refused by its name', (name) => {
    expect(detailOf(host(name))).toMatch(/ is a name of .*ALLOWED_TARGETS=[a-z0-9.-]+:80 would permit it$/);
  });

  test.each(['metadata', 'metadata.google.internal', 'Metadata.Google.Internal.', 'instance-data'])(
    '%s is a metadata service by its name, which nothing permits',
    (name) => {
      const verdict = host(name, 80, allow('metadata', 'metadata.google.internal', 'instance-data'));
      expect(detailOf(verdict)).toMatch(/no setting permits it$/);
    },
  );

  test.each([
    'example.com',
    'redis.example.com',
    'mylocalhost.com',
    'xn--bcher-kva.example',
    '8.8.8.8',
    '[2606:4700::1]',
  ])('%s is allowed', (name) => expect(host(name)).toEqual({ kind: 'allowed' }));

  test('what is no host is refused', () => {
    for (const name of ['', 'a/b', 'a@b', 'a:1', 'a b', '[::1', '1.2.3.4.5', '%00']) {
      expect(detailOf(host(name))).toMatch(/is not the name of a host/);
    }
  });

  test('port 0 is refused', () => {
    expect(detailOf(host('example.com', 0))).toBe('port 0 cannot be called');
  });
});

describe('what the refusal proposes', () => {
  test.each([
    ['127.0.0.1', 9000, '127.0.0.1:9000'],
    ['0x7f.1', 80, '127.0.0.1:80'],
    ['[::1]', 80, '[::1]:80'],
    ['[::ffff:10.0.0.1]', 80, '[::ffff:a00:1]:80'],
    ['LOCALHOST', 80, 'localhost:80'],
  ])('permits %s, and no other port', (name, port, proposed) => {
    expect(detailOf(host(name, port))).toContain(`ALLOWED_TARGETS=${proposed} `);
    expect(host(name, port, allow(proposed))).toEqual({ kind: 'allowed' });
    expect(host(name, port + 1, allow(proposed)).kind).toBe('forbidden');
  });

  test('permits a name that leads to private addresses', () => {
    const target = { host: 'hooks.example.com', port: 443 };
    const verdict = judgeAddresses(target, ['8.8.8.8', '10.0.0.7'], []);
    expect(detailOf(verdict)).toBe(
      'hooks.example.com leads to 10.0.0.7, which is a private address; ALLOWED_TARGETS=hooks.example.com:443 would permit it',
    );
    expect(judgeAddresses(target, ['8.8.8.8', '10.0.0.7'], allow('hooks.example.com:443')).kind).toBe('allowed');
  });
});

describe('ALLOWED_TARGETS', () => {
  const at = (address: string, ...items: string[]) =>
    judgeAddresses({ host: 'h.example', port: 80 }, [address], allow(...items)).kind;

  test('a range permits the addresses in it, by name as well', () => {
    expect(at('10.1.2.3', '10.0.0.0/8')).toBe('allowed');
    expect(at('11.1.2.3', '12.0.0.0/8')).toBe('allowed');
    expect(at('10.1.2.3', '10.2.0.0/16', 'fd00::/8')).toBe('forbidden');
    expect(at('fd00::1', 'fd00::/8')).toBe('allowed');
    expect(at('::ffff:10.1.2.3', '10.0.0.0/8')).toBe('allowed');
  });

  test('a range does not permit our own services by name', () => {
    expect(host('redis', 6380, allow('10.0.0.0/8')).kind).toBe('forbidden');
  });

  test('an address may be bound to a port', () => {
    expect(at('127.0.0.1', '127.0.0.1:80')).toBe('allowed');
    expect(at('127.0.0.1', '127.0.0.1:81')).toBe('forbidden');
    expect(at('127.0.0.2', '127.0.0.1:80')).toBe('forbidden');
  });

  test('an address behind NAT64 is not the address itself', () => {
    expect(at('64:ff9b::127.0.0.1', '127.0.0.1')).toBe('forbidden');
  });
});

test('a destination is taken apart', () => {
  expect(targetOf('http://h:80')).toEqual({ host: 'h', port: 80 });
  expect(targetOf('https://[::1]:8443')).toEqual({ host: '[::1]', port: 8443 });
});
