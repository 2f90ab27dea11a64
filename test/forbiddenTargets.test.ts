/**
 * Where a postback may not go, from the URL in a request to the socket. Nothing here is ever dialled: the resolver is a table and the
 * socket a fake that only notes what it would have connected to.
 */
import { Socket } from 'node:net';
import { parseAllowedTarget } from '@postback/core/net/allowedTarget';
import { judgeAddresses, targetOf } from '@postback/core/net/judgeTarget';
import { compileEndpoint } from '@postback/core/template/compileEndpoint';
import { createConnector, type ConnectorDeps } from '../delivery/src/http/connector.js';
import type { TransportError } from '../delivery/src/http/transportError.js';
import { knownEndpoints } from '../ingest/src/knownEndpoints.js';

const PUBLIC = '93.184.215.14';
const ALLOWED = ['allowed.example', 'bound.example:8080', '10.9.0.0/16', '[fd12::1]:80'].map(parseAllowedTarget);
const SETTINGS = { defaultValue: '', maxUrlBytes: 8_192 };
const lookUp = knownEndpoints({ ...SETTINGS, allowedTargets: ALLOWED });
const endpointOf = (url: string) => JSON.stringify({ method: 'GET', url });

/** One answer for each lookup, the last one again and again. */
type Answers = readonly (readonly string[])[];

interface Outcome {
  readonly error: TransportError | Error;
  /** The addresses that a connection was opened to. */
  readonly dialled: readonly string[];
  readonly lookups: number;
}

/** What delivery does with a URL that has found its way into the queue. */
async function connectTo(url: string, answers: Answers = [[PUBLIC]], open?: ConnectorDeps['open']): Promise<Outcome> {
  const compiled = compileEndpoint(endpointOf(url), SETTINGS);
  if (compiled.kind === 'faults') return { error: new Error('not an endpoint'), dialled: [], lookups: 0 };
  const dialled: string[] = [];
  let lookups = 0;
  const connector = createConnector({
    timeoutMs: 1_000,
    allowedTargets: ALLOWED,
    lookUp: () => Promise.resolve(answers[Math.min(lookups++, answers.length - 1)] ?? []),
    open: (place) => {
      dialled.push(place.host);
      return open?.(place) ?? deadSocket();
    },
  });
  const { protocol } = new URL(compiled.endpoint.destination);
  const { host, port } = targetOf(compiled.endpoint.destination);
  const options = { protocol, hostname: host.replace(/^\[|\]$/g, ''), host, port: String(port) };
  const error = await new Promise<Error>((resolve) => {
    connector.connect(options, (...result) => resolve(result[0] ?? new Error('connected')));
  });
  return { error, dialled, lookups };
}

/** Fails instead of connecting. */
function deadSocket(): Socket {
  const socket = new Socket();
  process.nextTick(() => socket.destroy(new Error('not dialled')));
  return socket;
}

const SPELLINGS = [
  'http://127.0.0.1/', // plain
  'http://127.0.0.1:6379/',
  'http://2130706433/', // decimal
  'http://017700000001/', // octal
  'http://0177.0.0.01/',
  'http://0x7f000001/', // hexadecimal
  'http://0x7f.0x0.0x0.0x1/',
  'http://0X7F.1/',
  'http://127.1/', // short
  'http://127.0.1/',
  'http://0/',
  'http://0.0.0.0/',
  'http://127.0.0.1./', // trailing dot
  'http://2852039166/', // 169.254.169.254
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::]/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/', // IPv4-mapped
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[::127.0.0.1]/', // IPv4-compatible
  'http://[64:ff9b::127.0.0.1]/', // NAT64
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[64:ff9b:1::10.0.0.1]/',
  'http://[2002:7f00:1::]/', // 6to4
  'http://[2001:0:808:808:0:0:80ff:fffe]/', // Teredo
  'http://[fd00:ec2::254]/',
  'http://[fe80::1]/',
  'http://[100:0:0:1::1]/',
  'http://[4000::1]/',
  'http://１２７.０.０.１/', // full-width
  'http://127。0。0。1/', // ideographic full stops
  'http://①②⑦.0.0.1/',
  'http://%31%32%37.0.0.1/', // percent-encoded
  'http://%6cocalhost/',
  'http://loc%61lhost/',
  'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/',
  'http://localhost/',
  'http://LOCALHOST:8080/',
  'http://localhost./',
  'http://a.localhost/',
  'http://example.com@127.0.0.1/', // userinfo
  'http://example.com:80@127.0.0.1/',
  'http://user:pass@[::1]:80/',
  'http://127.0.0.1@localhost/',
  'http://redis:6380/', // our own services
  'http://REDIS.:6380/',
  'http://ingest:8081/ingest',
  'http://delivery:8082/readyz',
  'http://dashboard:8083/api/pause',
  'http://nginx:8080/',
  'http://host.docker.internal/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://metadata/',
  'http://168.63.129.16/',
  'http://100.100.100.200/',
  'http://10.0.0.1/',
  'http://192.168.0.1/',
  'http://172.31.255.255/',
  'http://100.64.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://bound.example.:0/', // port 0
  'http://example.com:0/',
  'http://[fd12::1]:81/', // allowed at another port
  'http://10.10.0.1/', // beside an allowed range
];

const NO_HTTP = [
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_FLUSHALL',
  'data:text/plain,x',
  'ftp://example.com/',
  'ws://example.com/',
  'javascript:alert(1)',
  'unix:/run/docker.sock',
  '//127.0.0.1/',
  'http:/127.0.0.1/',
  'http:127.0.0.1',
  'http:\\\\127.0.0.1/',
  'http://example.com\\@127.0.0.1/',
  'http://example.com#@127.0.0.1/',
  'http://{host}/',
  'http://127.0.0.{n}/',
  'http://exa\tmple.com/',
  'http://[fe80::1%25eth0]/',
  'http://127.0.0.1.1.1/',
  'http://256.256.256.256/',
];

describe('refused at ingest and at delivery, without a lookup and without a connection', () => {
  test.each([...SPELLINGS, ...NO_HTTP])('%s', async (url) => {
    expect(lookUp(endpointOf(url)).kind).not.toBe('ok');
    const { error, dialled, lookups } = await connectTo(url);
    expect(error).toEqual(
      error.message === 'not an endpoint' ? error : expect.objectContaining({ errorClass: 'forbidden-target' }),
    );
    expect({ dialled, lookups }).toEqual({ dialled: [], lookups: 0 });
  });

  test('a refusal at ingest is no shape fault where the URL is one', () => {
    for (const url of SPELLINGS.filter((spelling) => !spelling.includes(':0/'))) {
      expect([url, lookUp(endpointOf(url)).kind]).toEqual([url, 'forbidden']);
    }
  });
});

describe('allowed: the connection goes to exactly the address that was checked', () => {
  test.each<[url: string, answer: readonly string[], dialled: readonly string[]]>([
    ['http://example.com/', [PUBLIC], [PUBLIC]],
    ['http://EXAMPLE.com./', [PUBLIC], [PUBLIC]],
    ['http://user:pass@example.com/', [PUBLIC], [PUBLIC]],
    ['http://bücher.example/', [PUBLIC], [PUBLIC]],
    ['http://six.example/', ['2606:4700::1111'], ['2606:4700::1111']], // only AAAA
    ['http://two.example/', [PUBLIC, '2606:4700::1111'], [PUBLIC, '2606:4700::1111']],
    ['http://1.1.1.1/', [], ['1.1.1.1']],
    ['http://0x1010101/', [], ['1.1.1.1']],
    ['http://[2606:4700::1111]/', [], ['2606:4700::1111']],
    ['http://[64:ff9b::8.8.8.8]/', [], ['64:ff9b::808:808']],
    ['http://allowed.example/', ['10.0.0.1'], ['10.0.0.1']],
    ['http://bound.example:8080/', ['127.0.0.1'], ['127.0.0.1']],
    ['http://by-range.example/', ['10.9.1.1'], ['10.9.1.1']],
    ['http://10.9.255.255/', [], ['10.9.255.255']],
    ['http://[fd12::1]/', [], ['fd12::1']],
  ])('%s', async (url, answer, expected) => {
    expect(lookUp(endpointOf(url)).kind).toBe('ok');
    const { error, dialled } = await connectTo(url, [answer]);
    expect(dialled).toEqual(expected);
    expect(error.message).toBe('not dialled');
  });
});

describe('a name that leads where nothing may go is refused, and nothing is dialled', () => {
  test.each<[what: string, url: string, answer: readonly string[]]>([
    ['a private address', 'http://inside.example/', ['10.0.0.1']],
    ['a loopback address', 'http://inside.example/', ['127.0.0.1']],
    ['the metadata service', 'http://inside.example/', ['169.254.169.254']],
    ['the metadata service, through NAT64', 'http://inside.example/', ['64:ff9b::a9fe:a9fe']],
    ['an IPv4-mapped address', 'http://inside.example/', ['::ffff:127.0.0.1']],
    ['only AAAA, a private one', 'http://inside.example/', ['fd00::1']],
    ['a public and a private one', 'http://mixed.example/', [PUBLIC, '10.0.0.1']],
    ['a public and, by IPv6, a private one', 'http://mixed.example/', [PUBLIC, '::1']],
    ['an allowed and a private one', 'http://mixed.example/', ['10.9.0.1', '10.0.0.1']],
    ['the metadata service, by an allowed name', 'http://allowed.example/', ['169.254.169.254']],
    ['a private one, by a name allowed at another port', 'http://bound.example:8081/', ['10.0.0.1']],
  ])('%s', async (_what, url, answer) => {
    const { error, dialled } = await connectTo(url, [answer]);
    expect(error).toMatchObject({ errorClass: 'forbidden-target' });
    expect(dialled).toEqual([]);
  });
});

describe('a name that changes its mind (DNS rebinding)', () => {
  const REBINDING: Answers = [[PUBLIC], ['127.0.0.1']];

  test('is looked up once, and that answer is where the connection goes', async () => {
    const { dialled, lookups } = await connectTo('http://rebind.example/', REBINDING);
    expect({ dialled, lookups }).toEqual({ dialled: [PUBLIC], lookups: 1 });
  });

  test('gets past a check that is followed by a fetch, which looks the name up again: the test above can fail', () => {
    const dialled: string[] = [];
    let lookups = 0;
    const resolve = () => REBINDING[lookups++]?.[0] ?? '';
    const isFit = judgeAddresses({ host: 'rebind.example', port: 80 }, [resolve()], ALLOWED).kind === 'allowed';
    if (isFit) dialled.push(resolve()); // the fetch, which only notes what it would have dialled
    expect(() => expect({ dialled, lookups }).toEqual({ dialled: [PUBLIC], lookups: 1 })).toThrow();
    expect(dialled).toEqual(['127.0.0.1']);
  });
});

describe('the address that a socket has reached', () => {
  /** A socket that says it has reached `remoteAddress`, and notes what is written to it. */
  function socketAt(remoteAddress: string, written: unknown[]): Socket {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
    socket.write = (chunk: unknown) => written.push(chunk) > 0;
    process.nextTick(() => socket.emit('connect'));
    return socket;
  }

  test.each(['http:', 'https:'])('is checked before the first byte is written, over %s', async (scheme) => {
    const written: unknown[] = [];
    const sockets: Socket[] = [];
    const open = () => {
      sockets.push(socketAt('127.0.0.1', written));
      return sockets[0] as Socket;
    };
    const { error } = await connectTo(`${scheme}//redirected.example/`, [[PUBLIC]], open);
    expect(error).toMatchObject({ errorClass: 'forbidden-target' });
    expect(written).toEqual([]);
    expect(sockets.map((socket) => socket.destroyed)).toEqual([true]);
  });
});
