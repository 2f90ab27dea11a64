import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseUrlOf, parseLocalConfig, readEnvironment } from '../../src/local/settings.js';

const root = mkdtempSync(join(tmpdir(), 'settings-'));
afterAll(() => rmSync(root, { recursive: true }));

test('.env is read, and the environment wins over it unless it is empty', () => {
  writeFileSync(join(root, '.env'), '# a comment\nHTTP_PORT=9000\nLOG_LEVEL="debug" # another\nDURABILITY=everysec\n');
  const env = readEnvironment(root, { DURABILITY: 'always', HTTP_PORT: '', EXTRA: undefined });
  expect(env).toEqual({ HTTP_PORT: '9000', LOG_LEVEL: 'debug', DURABILITY: 'always' });
});

test('every faulty setting is named at once', () => {
  expect(() => parseLocalConfig({ HTTP_PORT: '80a', INGEST_REPLICAS: '0' })).toThrow(/HTTP_PORT.*\n.*INGEST_REPLICAS/);
});

test('a stack that listens everywhere is reached on loopback', () => {
  expect(baseUrlOf(parseLocalConfig({ HTTP_BIND: '0.0.0.0' }))).toBe('http://127.0.0.1:8080');
});
