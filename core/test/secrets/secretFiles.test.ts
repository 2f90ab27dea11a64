import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, type Fields } from '../../src/logger.js';
import { createSecretFiles, type SecretFiles } from '../../src/secrets/secretFiles.js';
import { eventually } from '../../src/testing/eventually.js';

const HOST = 'https://api.partner.com:443';
const VALUE = 'Bearer canary-1';
let directory: string;
let logged: { readonly event: string; readonly fields: Fields }[];
let secrets: SecretFiles;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'secrets-'));
  logged = [];
  const keep = (event: string, fields: Fields = {}) => void logged.push({ event, fields });
  secrets = createSecretFiles({ directory, logger: { ...silentLogger, info: keep, error: keep }, intervalMs: 20 });
});
afterEach(async () => {
  await secrets.stop();
  rmSync(directory, { recursive: true, force: true });
  expect(JSON.stringify(logged)).not.toContain('canary');
});

const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
const find = (destination = HOST) => secrets.find('partner_a', destination);
const refused = (detail: string) => ({ kind: 'refused', detail });

test('a secret is found for its hosts and for no other', async () => {
  write('partner_a', `${VALUE}\n`);
  write('partner_a.hosts', 'api.partner.com');
  await secrets.refresh();
  expect(find()).toEqual({ kind: 'found', value: VALUE });
  expect(find('https://evil.com:443')).toEqual(
    refused('the secret "partner_a" may not be sent to https://evil.com:443'),
  );
  expect(secrets.find('partner_b', HOST)).toEqual(refused('there is no secret "partner_b"'));
  expect(secrets.find('partner_a.hosts', HOST).kind).toBe('refused');
});

test('a change is followed, and a file that is gone is gone', async () => {
  secrets.start();
  write('partner_a.hosts', 'api.partner.com');
  write('partner_a', VALUE);
  await eventually('it is found', () => find().kind === 'found');
  write('partner_a', 'Bearer canary-2');
  await eventually('the new one is found', () => JSON.stringify(find()).includes('canary-2'));
  write('partner_a.hosts', 'elsewhere.com');
  await eventually('its hosts are followed', () => find().kind === 'refused');
  write('partner_a.hosts', 'api.partner.com');
  await eventually('and back', () => find().kind === 'found');
  rmSync(join(directory, 'partner_a'));
  await eventually('it is gone', () => find().kind === 'refused');
});

test.each([
  ['is empty', ''],
  ['has two lines', 'canary-3\ncanary-4'],
  ['is no text for a header', 'canary-€'],
  ['is too long', `canary-${'x'.repeat(4_100)}`],
])('a file that %s leaves the last good value, and is told once', async (_what, text) => {
  write('partner_a.hosts', 'api.partner.com');
  write('partner_a', VALUE);
  await secrets.refresh();
  write('partner_a', text);
  await secrets.refresh();
  await secrets.refresh();
  expect(find()).toEqual({ kind: 'found', value: VALUE });
  expect(logged.filter(({ event }) => event === 'secrets.unusable')).toHaveLength(1);
});

test('a value without hosts goes nowhere', async () => {
  write('partner_a', VALUE);
  await secrets.refresh();
  expect(find().kind).toBe('refused');
  expect(logged.at(-1)?.fields['reason']).toMatch(/partner_a\.hosts/);
});

test('no directory is no secrets, not an error', async () => {
  rmSync(directory, { recursive: true });
  await secrets.refresh();
  expect(find().kind).toBe('refused');
  expect(logged).toEqual([]);
});
