/** TLS in containers: `make up` with a certificate, requests over it, and a renewed one that is taken over while it runs. */
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { ask, ComposeStack, eventually, freePort } from './composeStack.js';

jest.setTimeout(600_000);

/** Nothing is sent anywhere: it is not due while the test runs. */
const REQUEST = JSON.stringify({
  endpoint: { method: 'GET', url: 'http://sink:8090/{n}' },
  data: [{ n: 1 }],
  delivery: { delaySeconds: 3_600 },
});
const directory = mkdtempSync(join(tmpdir(), 'postback-tls-'));
const [cert, key] = [join(directory, 'fullchain.pem'), join(directory, 'privkey.pem')];
let stack: ComposeStack;
let httpsPort: number;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  httpsPort = await freePort();
  stack = new ComposeStack(`pbtls${process.pid}`, await freePort());
  env = { HTTPS_PORT: String(httpsPort), TLS_CERT_FILE: cert, TLS_KEY_FILE: key, HSTS_MAX_AGE: '600' };
  chmodSync(directory, 0o755); // for user 101, as which nginx runs
  renew();
});
afterAll(() => {
  stack.stack(['reset'], env);
  rmSync(directory, { recursive: true });
});

/** A new certificate and its key in place of those that are there. */
function renew(): void {
  const [nextKey, nextCert] = [`${key}.next`, `${cert}.next`];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = spawnSync('openssl', ['req', ...kind, ...name, '-keyout', nextKey, '-out', nextCert], {
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(made.stderr);
  for (const [next, current] of [
    [nextCert, cert],
    [nextKey, key],
  ] as const) {
    chmodSync(next, 0o644);
    cpSync(next, current);
    rmSync(next);
  }
}

/** A POST over TLS that trusts the certificate of now and no other. */
async function post() {
  const options = {
    method: 'POST',
    ca: readFileSync(cert),
    agent: false,
    headers: { 'content-type': 'application/json' },
  };
  const sent = request(`https://127.0.0.1:${httpsPort}/ingest`, options).end(REQUEST);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const shown = (answer.socket as TLSSocket).getPeerCertificate().fingerprint256;
  await text(answer);
  return { status: answer.statusCode, shown, hsts: answer.headers['strict-transport-security'] };
}

const fingerprint = () => new X509Certificate(readFileSync(cert)).fingerprint256;

test('a key that is not beside its certificate is told before anything is built', () => {
  const { status, output } = stack.stack(['up'], { ...env, TLS_KEY_FILE: '/nowhere/privkey.pem' });
  expect(status).toBe(1);
  expect(output.trim()).toBe(
    'invalid setting TLS_KEY_FILE: expected a file beside TLS_CERT_FILE, got "/nowhere/privkey.pem"',
  );
  expect(stack.leftovers()).toEqual([]);
});

test('requests are taken over TLS, and over plain HTTP beside it', async () => {
  const { status, output } = stack.stack(['up'], env);
  expect({ status, output }).toMatchObject({ status: 0 });
  expect(await post()).toEqual({ status: 202, shown: fingerprint(), hsts: 'max-age=600' });
  const plain = await ask(`${output.trim().split('\n').at(-1)}/ingest`, { method: 'POST', body: REQUEST });
  expect(plain.status).toBe(202);
});

test('a renewed certificate is taken over, without a restart', async () => {
  const before = fingerprint();
  const [nginx] = stack.containers('nginx');
  renew();
  expect(fingerprint()).not.toBe(before);
  await eventually('the new one is shown', () => post().catch(() => undefined));
  expect(await post()).toMatchObject({ status: 202, shown: fingerprint() });
  expect(stack.containers('nginx')[0]?.State.StartedAt).toBe(nginx?.State.StartedAt);
});
