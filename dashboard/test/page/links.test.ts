/** The page's links into the documentation lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const sources = readdirSync(join(root, 'dashboard/page'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /^(src|[a-z]+\.html).*\.(tsx?|html)$|^[a-z]+\.html$/.test(file))
  .map((file) => readFileSync(join(root, 'dashboard/page', file), 'utf8'));
const named = sources.flatMap((source) => [
  ...[...source.matchAll(/href="docs\/([a-z-]+)"/g)].map(([, page]) => String(page)),
  ...[...source.matchAll(/page: '([a-z-]+)'/g)].map(([, page]) => String(page)),
]);

test('there are some', () => expect(named.length).toBeGreaterThan(5));

test.each([...new Set(named)].filter((page) => page !== 'pages'))('docs/%s', (page) => {
  expect(existsSync(join(root, 'docs', `${page}.md`))).toBe(true);
});
