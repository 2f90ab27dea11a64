/**
 * Requests whose end can be read in two ways (request smuggling), byte by byte. Most are refused; what nginx does take reaches the
 * service as one request in nginx's own words, so that there is nothing left to misread. Each is followed by a second request,
 * which must not come through as part or consequence of the first.
 */
import { spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { searchPath } from '../src/local/systemPackages.js';
import { startEdge, type TestEdge } from './testEdge.js';

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge();
});
beforeEach(() => {
  edge.arrived.length = 0;
});
afterAll(async () => {
  expect(await edge.stop()).toBe(0);
});

const post = (...lines: readonly string[]) => ['POST /ingest HTTP/1.1', 'Host: a', ...lines].join('\r\n');
const chunked = (body: string) => post('Transfer-Encoding: chunked', '', body);
const LINE_FEEDS_IN_CHUNKS: readonly [what: string, raw: string] = [
  'chunks that end in a lone line feed',
  post('Transfer-Encoding: chunked', 'Connection: close', '', '2\n{}\n0\n\n'),
];
/** RFC 9112, 7.1 wants CR LF there. nginx, and so the container, insists on it from 1.29.4 on; an older one writes it anew. */
const isRefused = isAtLeast(1, 29, 4);
const SMUGGLED = 'POST /i HTTP/1.1\r\nHost: smuggled\r\nContent-Length: 2\r\n\r\n{}';

test.each<readonly [what: string, raw: string]>([
  ['a length and chunks (CL.TE)', post('Content-Length: 4', 'Transfer-Encoding: chunked', '', '0\r\n\r\n')],
  ['chunks and a length (TE.CL)', post('Transfer-Encoding: chunked', 'Content-Length: 4', '', '0\r\n\r\n')],
  ['two lengths', post('Content-Length: 2', 'Content-Length: 3', '', '{}')],
  ['the same length twice', post('Content-Length: 2', 'Content-Length: 2', '', '{}')],
  ['a list of lengths', post('Content-Length: 2, 2', '', '{}')],
  ['a length with a sign', post('Content-Length: +2', '', '{}')],
  ['a negative length', post('Content-Length: -2', '', '{}')],
  ['a length in hex', post('Content-Length: 0x2', '', '{}')],
  ['two transfer codings', post('Transfer-Encoding: gzip, chunked', '', '0\r\n\r\n')],
  ['two lines of them', post('Transfer-Encoding: chunked', 'Transfer-Encoding: identity', '', '0\r\n\r\n')],
  ['a coding that looks like chunked', post('Transfer-Encoding: xchunked', '', '0\r\n\r\n')],
  ['a control character before chunked', post('Transfer-Encoding: \x0bchunked', '', '0\r\n\r\n')],
  ['chunks in HTTP/1.0', 'POST /ingest HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a chunk size that is no number', chunked('zz\r\n{}\r\n0\r\n\r\n')],
  ['a chunk size beyond 64 bits', chunked('1ffffffffffffffff\r\n{}\r\n0\r\n\r\n')],
  ['a chunk longer than its size', chunked('2\r\n{}x\r\n0\r\n\r\n')],
  ...(isRefused ? [LINE_FEEDS_IN_CHUNKS] : []),
  ['a line feed in a chunk extension', chunked('2;a\nb\r\n{}\r\n0\r\n\r\n')],
  ['a folded header (obs-fold)', post('X: b', ' c', 'Content-Length: 2', '', '{}')],
  ['a folded Transfer-Encoding', post('Transfer-Encoding:', ' chunked', '', '0\r\n\r\n')],
  ['a blank before the colon', post('Content-Length : 2', '', '{}')],
  ['a carriage return in a header', post('X: b\rContent-Length: 2', '', '{}')],
  ['a NUL in a header', post('X: a\0b', 'Content-Length: 2', '', '{}')],
  ['two hosts', post('Host: b', 'Content-Length: 2', '', '{}')],
  ['a version nobody knows', 'POST /ingest HTTP/9.9\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}'],
])('%s: refused, and no service hears of it', async (_what, raw) => {
  const answer = await edge.sendRaw(`${raw}${SMUGGLED}`);
  expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*"type":"\/docs\/errors\/bad-request"/);
  expect(answer.match(/"type":/g)).toHaveLength(1);
  expect(edge.arrived).toHaveLength(0);
});

test('a request without a version (HTTP/0.9) is dropped', async () => {
  expect(await edge.sendRaw('GET /ingest\r\n')).not.toContain('ingest');
  expect(edge.arrived).toHaveLength(0);
});

// RFC 9112, 2.2 lets a lone line feed end a line. nginx does so, and writes the request anew.
test.each<readonly [what: string, raw: string]>([
  ['lines that end in a lone line feed', 'POST /ingest HTTP/1.1\nHost: a\nContent-Length: 2\nConnection: close\n\n{}'],
  ...(isRefused ? [] : [LINE_FEEDS_IN_CHUNKS]),
  ['one such line among others', post('X: b\nContent-Length: 2', 'Connection: close', '', '{}')],
  [
    'a header with an underscore for a hyphen',
    post('Content_Length: 60', 'Content-Length: 2', 'Connection: close', '', '{}'),
  ],
  ['an upgrade to HTTP/2', post('Connection: Upgrade, close', 'Upgrade: h2c', 'Content-Length: 2', '', '{}')],
])('%s: one request arrives, in clean words', async (_what, raw) => {
  const socket = await edge.open(`${raw}${SMUGGLED}`);
  const answer = await text(socket);
  expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
  expect(edge.arrived).toHaveLength(1);
  const { headers, httpVersion, url } = edge.arrived[0]?.request ?? {};
  expect({ httpVersion, url }).toEqual({ httpVersion: '1.1', url: '/ingest' });
  expect(headers).toMatchObject({ host: 'a', 'content-length': '2' });
  for (const name of ['transfer-encoding', 'upgrade', 'content_length']) expect(headers).not.toHaveProperty(name);
});

function isAtLeast(...wanted: readonly number[]): boolean {
  const env = { PATH: searchPath(process.env['PATH']) };
  const { stderr } = spawnSync('nginx', ['-v'], { env, encoding: 'utf8' });
  const found = (/nginx\/([\d.]+)/.exec(stderr)?.[1] ?? '').split('.').map(Number);
  const difference = wanted.map((number, index) => (found[index] ?? 0) - number).find((each) => each !== 0);
  return (difference ?? 0) >= 0;
}
