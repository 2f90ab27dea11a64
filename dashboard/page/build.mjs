/**
 * Bundles the page into dashboard/dist/page: one script, one stylesheet and the HTML, all of it our own files. Run by
 * scripts/prepare.sh, the Dockerfile and, before the tests, by jest (its default export).
 */
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '..', 'dist', 'page');

export default async function buildPage() {
  await build({
    entryPoints: { page: join(here, 'src/main.tsx'), login: join(here, 'src/login.ts') },
    outdir: join(target, 'assets'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: {},
    legalComments: 'eof',
    logLevel: 'warning',
  });
  await stop();
  mkdirSync(target, { recursive: true });
  for (const file of ['index.html', 'login.html']) cpSync(join(here, file), join(target, file));
  cpSync(join(here, 'icon.svg'), join(target, 'assets', 'icon.svg'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildPage();
