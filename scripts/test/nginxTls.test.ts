/** TLS at the edge, with certificates made here and now. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type SecureVersion } from 'node:tls';
import { eventually } from '@postback/core/testing/eventually';
import { repositoryRoot } from '../src/local/layout.js';
import { PortPicker } from '../src/local/ports.js';
import { searchPath } from '../src/local/systemPackages.js';
import { startEdge } from './testEdge.js';

const directory = mkdtempSync(join(tmpdir(), 'tls-'));
afterAll(() => rmSync(directory, { recursive: true }));

function makeCertificate(name: string): { cert: string; key: string } {
  const [cert, key] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
  const options = [
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
  ];
  const { status, stderr } = spawnSync('openssl', ['req', ...options, '-keyout', key, '-out', cert], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  // From 1.27.4 on nginx keeps what it has read while a file's time, in seconds, is the same.
  for (const file of [cert, key]) utimesSync(file, 0, 0);
  return { cert, key };
}

interface Answer {
  readonly name: string;
  readonly protocol: string | null;
  readonly text: string;
}

function ask(port: number, version?: SecureVersion): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const versions = version === undefined ? {} : { minVersion: version, maxVersion: version };
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...versions }, () => {
      const name = String(socket.getPeerCertificate().subject.CN);
      const protocol = socket.getProtocol();
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('end', () => resolve({ name, protocol, text }));
      socket.write('GET /ingest HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    });
    socket.on('error', reject);
  });
}

test('TLS 1.2 and 1.3 are spoken, nothing older; a renewed certificate is taken over, one without its key is not', async () => {
  const first = makeCertificate('first.example');
  const second = makeCertificate('second.example');
  const port = await new PortPicker().pick(0);
  const env = {
    TLS_LISTEN: `127.0.0.1:${port}`,
    TLS_CERT_FILE: first.cert,
    TLS_KEY_FILE: first.key,
    HSTS_MAX_AGE: '600',
  };
  const edge = await startEdge(env);
  try {
    expect(await ask(port, 'TLSv1.2')).toMatchObject({ name: 'first.example', protocol: 'TLSv1.2' });
    const modern = await ask(port);
    expect(modern.protocol).toBe('TLSv1.3');
    expect(modern.text).toContain('Strict-Transport-Security: max-age=600');
    expect(edge.arrived[0]?.request.headers['x-forwarded-proto']).toBe('https');
    await expect(ask(port, 'TLSv1.1')).rejects.toThrow();
    expect((await edge.call('/ingest')).headers.get('strict-transport-security')).toBeNull();

    cpSync(second.cert, first.cert); // its key comes later, as in a renewal that is halfway through
    await eventually('nginx has refused the pair', () => edge.errorLog().includes('key values mismatch'), 15_000);
    expect((await ask(port)).name).toBe('first.example');
    cpSync(second.key, first.key);
    await eventually('the new one is there', async () => (await ask(port)).name === 'second.example', 15_000);
  } finally {
    expect(await edge.stop()).toBe(0);
  }
}, 60_000);

test.each([
  ['TLS_CERT_FILE', 'which is not there', { TLS_CERT_FILE: '/nowhere' }],
  ['TLS_KEY_FILE', 'which is not set', { TLS_KEY_FILE: '' }],
  ['TLS_CERT_FILE', 'which holds something else', { TLS_CERT_FILE: 'other' }],
  ['TLS_KEY_FILE', 'of another certificate', { TLS_KEY_FILE: 'second' }],
])('a %s %s ends it with one line', (setting, _what, change) => {
  const { cert, key } = makeCertificate('ours.example');
  const files: Record<string, string> = {
    other: join(directory, 'other'),
    second: makeCertificate('other.example').key,
  };
  writeFileSync(join(directory, 'other'), 'nothing of use');
  const changed = Object.fromEntries(Object.entries(change).map(([name, value]) => [name, files[value] ?? value]));
  const run = spawnSync('sh', [join(repositoryRoot, 'nginx/run.sh')], {
    encoding: 'utf8',
    timeout: 15_000,
    env: {
      PATH: searchPath(process.env['PATH']),
      NGINX_DIR: mkdtempSync(join(directory, 'nginx-')),
      LISTEN: '127.0.0.1:1',
      INGEST_SERVERS: '127.0.0.1:1',
      DASHBOARD_SERVERS: '127.0.0.1:1',
      SINK_SERVER: '127.0.0.1:1',
      TLS_LISTEN: '127.0.0.1:2',
      TLS_CERT_FILE: cert,
      TLS_KEY_FILE: key,
      ...changed,
    },
  });
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(new RegExp(`^invalid setting ${setting}: .*\n$`));
});
