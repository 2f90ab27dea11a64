import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, type Fields } from '@postback/core/logger';
import { eventually } from '@postback/core/testing/eventually';
import { createApiKeys, type ApiKeys } from '../../src/access/apiKeys.js';
import { parseApiKeys } from '../../src/access/parseApiKeys.js';

const [OLD, NEW] = ['old-old-old-old-old', 'new-new-new-new-new'];
const logged: { event: string; fields: Fields }[] = [];
const keep = (event: string, fields: Fields = {}) => void logged.push({ event, fields });
let file: string;
let apiKeys: ApiKeys;

beforeEach(() => {
  logged.length = 0;
  file = join(mkdtempSync(join(tmpdir(), 'keys-')), 'keys');
  writeFileSync(file, `acme:${OLD}\n`);
  const logger = { ...silentLogger, info: keep, error: keep };
  apiKeys = createApiKeys({ keys: parseApiKeys(`acme:${OLD}`), file, logger, intervalMs: 5 });
  apiKeys.start();
});
afterEach(() => apiKeys.stop());

test('a changed file counts without a restart: the new key opens, the old one no longer', async () => {
  writeFileSync(file, `acme:${OLD}\nacme:${NEW}\n`);
  await eventually('the new one counts', () => apiKeys.find(NEW));
  expect(apiKeys.find(OLD)?.name).toBe('acme');
  writeFileSync(file, `acme:${NEW}\n`);
  await eventually('the old one is gone', () => !apiKeys.find(OLD));
  expect(logged.map(({ event }) => event)).toEqual(['api_keys.changed', 'api_keys.changed']);
  expect(JSON.stringify(logged)).not.toMatch(/old-old|new-new/);
});

test.each([
  ['is gone', () => rmSync(file)],
  ['is empty', () => writeFileSync(file, '')],
  ['has only comments', () => writeFileSync(file, '# nothing\n')],
  ['has a key that is too short', () => writeFileSync(file, 'acme:short\n')],
])('a file that %s changes nothing, is an error, and is said until it is mended', async (_what, spoil) => {
  spoil();
  await eventually('it is said', () => apiKeys.fault());
  expect(apiKeys.fault()).toMatch(/^INGEST_API_KEYS_FILE cannot be used, the keys from before still count: /);
  expect(apiKeys.isRequired()).toBe(true);
  expect(apiKeys.find(OLD)?.name).toBe('acme');
  expect(logged.filter(({ event }) => event === 'api_keys.unusable')).toHaveLength(1);
  writeFileSync(file, `acme:${OLD}\n`);
  await eventually('it is mended', () => apiKeys.fault() === undefined);
  expect(apiKeys.find(OLD)?.name).toBe('acme');
});
