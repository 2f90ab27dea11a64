import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../src/local/layout.js';
import { renderConfigurationPage, renderEnvExample } from '../src/settingsFiles.js';

const read = (name: string) => readFileSync(join(repositoryRoot, name), 'utf8');

test('.env.example has every setting of the schemas (else: npm run settings)', () => {
  expect(read('.env.example')).toBe(renderEnvExample());
});

test('docs/configuration.md has every setting of the schemas (else: npm run settings)', () => {
  expect(read('docs/configuration.md')).toBe(renderConfigurationPage());
});

test('each setting stands once', () => {
  const names = [...renderEnvExample().matchAll(/^#([A-Z_]+)=/gm)].map((match) => match[1]);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(
    expect.arrayContaining(['HTTP_PORT', 'DURABILITY', 'RETRY_SCHEDULE', 'REDIS_PASSWORD', 'SINK_PORT']),
  );
});
