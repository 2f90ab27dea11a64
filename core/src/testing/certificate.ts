/** A certificate that signs itself, made for the test with openssl, and valid for a day. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** Of `cert`. */
  readonly certFile: string;
  remove(): void;
}

/** `names`: subject alternative names, for example `DNS:localhost` or `IP:127.0.0.1`. */
export function makeCertificate(names: readonly string[]): TestCertificate {
  const directory = mkdtempSync(join(tmpdir(), 'postback-certificate-'));
  const keyFile = join(directory, 'key.pem');
  const certFile = join(directory, 'cert.pem');
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const about = ['-subj', '/CN=postback test', '-addext', `subjectAltName=${names.join(',')}`];
  execFileSync('openssl', [...kind, ...about, '-keyout', keyFile, '-out', certFile], { stdio: 'pipe' });
  return {
    key: readFileSync(keyFile, 'utf8'),
    cert: readFileSync(certFile, 'utf8'),
    certFile,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
