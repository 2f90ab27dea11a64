/**
 * /docs: the description of the interface in swagger-ui, the pages of docs/ and of docs/errors, and /openapi.json. All of it from files
 * beside the service and open to everyone: who is refused must be able to read why.
 */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Problem } from '@postback/core/problem';
import express, { type RequestHandler, type Router } from 'express';
import { parse } from 'yaml';
import { renderIndex, renderPage, titleOf } from './renderPage.js';

const DOCS = join(__dirname, '..', '..', '..', 'docs');
const OWN_FILES = join(__dirname, '..', '..', 'web', 'docs');
const SWAGGER_UI = dirname(require.resolve('swagger-ui-dist/package.json'));
const SWAGGER_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js'];
/** No other file can be asked for. */
const NAME = /^[a-z0-9-]{1,80}$/;
const IMAGE = /^[a-z0-9-]{1,80}\.(png|svg)$/;

export function docsRouter(): Router {
  const router = express.Router();
  router.get('/openapi.json', async (_request, response) => {
    response.json(parse(await readFile(join(DOCS, 'openapi.yaml'), 'utf8'), { merge: true }));
  });
  router.use('/docs', onlyOwnParts);
  router.get('/docs', (_request, response) => response.sendFile(join(OWN_FILES, 'api.html')));
  router.get('/docs/assets/:file', (request, response, next) => {
    const { file } = request.params;
    response.sendFile(file, { root: SWAGGER_FILES.includes(file) ? SWAGGER_UI : OWN_FILES }, (error) => {
      if (error) next(noPage(file));
    });
  });
  router.get('/docs/pages', async (_request, response) => {
    response.send(renderIndex('All pages', await titlesIn('')));
  });
  router.get('/docs/errors', async (_request, response) => {
    response.send(renderIndex('Errors: what happened, and is it to be sent again?', await titlesIn('errors')));
  });
  router.get('/docs/errors/:name', async (request, response) => {
    response.send(renderPage(await readPage(`errors/${request.params.name}`)));
  });
  router.get('/docs/images/:file', (request, response, next) => {
    const { file } = request.params;
    if (!IMAGE.test(file)) return next(noPage(file));
    response.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'"); // a picture brings its own colours
    response.sendFile(file, { root: join(DOCS, 'images') }, (error) => {
      if (error) next(noPage(file));
    });
  });
  router.get('/docs/:name', async (request, response) => {
    response.send(renderPage(await readPage(request.params.name)));
  });
  return router;
}

/** Neither scripts nor styles within a page, nothing from elsewhere. swagger-ui brings its icons as data. */
const onlyOwnParts: RequestHandler = (_request, response, next) => {
  response.set({
    'Content-Security-Policy':
      "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'Cache-Control': 'no-cache',
  });
  next();
};

async function readPage(name: string): Promise<{ name: string; markdown: string }> {
  if (!name.split('/').every((part) => NAME.test(part))) throw noPage(name);
  const markdown = await readFile(join(DOCS, `${name}.md`), 'utf8').catch((cause: unknown) => {
    throw noPage(name, cause);
  });
  return { name, markdown };
}

function noPage(name: string, cause?: unknown): Problem {
  return new Problem('not-found', { detail: `there is no page ${name.slice(0, 80)}`, cause });
}

async function titlesIn(folder: string): Promise<[string, string][]> {
  const files = (await readdir(join(DOCS, folder))).filter((file) => file.endsWith('.md')).sort();
  return Promise.all(
    files.map(async (file): Promise<[string, string]> => {
      const name = join(folder, file.replace(/\.md$/, ''));
      return [name, titleOf((await readPage(name)).markdown) ?? name];
    }),
  );
}
