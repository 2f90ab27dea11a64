import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceSection } from '../../src/bench/document.js';
import { repositoryRoot } from '../../src/local/layout.js';

test.each(['bench', 'growth'])(
  'the %s tables of the documentation are replaced, and nothing around them',
  (section) => {
    const directory = mkdtempSync(join(tmpdir(), 'bench-'));
    const file = join(directory, 'performance.md');
    copyFileSync(join(repositoryRoot, 'docs/performance.md'), file);
    const before = readFileSync(file, 'utf8');
    replaceSection(file, section, 'new $& tables\n');
    const after = readFileSync(file, 'utf8');
    rmSync(directory, { recursive: true });
    const outside = (page: string) =>
      page.replace(/<!-- (bench|growth) -->[^]*?<!-- end of \1 -->/g, (_all, name) => String(name));
    const untouched = section === 'bench' ? 'growth' : 'bench';
    const inside = (page: string, name: string) =>
      page.split(`<!-- ${name} -->`)[1]?.split(`<!-- end of ${name} -->`)[0];
    expect(inside(after, section)?.trim()).toBe('new $& tables');
    expect(inside(after, untouched)).toBe(inside(before, untouched));
    expect(outside(after)).toBe(outside(before));
  },
);

test('a page without the markers is refused', () => {
  expect(() => replaceSection(join(repositoryRoot, 'README.md'), 'bench', '')).toThrow('has no <!-- bench -->');
});
