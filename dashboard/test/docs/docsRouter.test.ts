import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEM_TYPES } from '@postback/core/problem';
import { readDescription } from '@postback/core/testing/openapi';
import express from 'express';
import { answerNotFound, answerProblem } from '@postback/core/http';
import { silentLogger } from '@postback/core/logger';
import supertest from 'supertest';
import { describedApp } from '../../../test/describedApp.js';
import { docsRouter } from '../../src/docs/docsRouter.js';
import { renderPage } from '../../src/docs/renderPage.js';

const app = describedApp(express().use(docsRouter()).use(answerNotFound).use(answerProblem(silentLogger)));
const get = (path: string) => supertest(app).get(path);
const DOCS = join(__dirname, '..', '..', '..', 'docs');
const PAGES = readdirSync(DOCS).flatMap((file) => (file.endsWith('.md') ? [`/docs/${file.slice(0, -3)}`] : []));

test('/openapi.json is docs/openapi.yaml', async () => {
  const { body } = await get('/openapi.json').expect(200);
  expect(body).toEqual(JSON.parse(JSON.stringify(readDescription())));
});

test('/docs loads nothing from elsewhere, and all that it loads is there', async () => {
  const { text, headers } = await get('/docs').expect(200);
  expect(headers['content-security-policy']).toMatch(/^default-src 'self';/);
  expect(headers['content-security-policy']).not.toContain('unsafe');
  const parts = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part = '']) => part);
  expect(parts).toContain('/docs/assets/swagger-ui-bundle.js');
  expect(parts.filter((part) => !part.startsWith('/'))).toEqual([]);
  expect(text).not.toMatch(/<script>|style=|onclick/);
  for (const part of parts.filter((part) => part.startsWith('/docs/assets/'))) await get(part).expect(200);
});

test.each(PROBLEM_TYPES)('/docs/errors/%s is the page to which the type leads', async (type) => {
  const { text, headers } = await get(`/docs/errors/${type}`).expect(200);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(text).toContain(`<code>${type}</code>`);
});

test('the index of errors names each', async () => {
  const { text } = await get('/docs/errors').expect(200);
  for (const type of PROBLEM_TYPES) expect(text).toContain(`href="/docs/errors/${type}"`);
});

test.each([...PAGES, '/docs/errors/backlog-full', '/docs/pages'])(
  '%s is a page, and its links lead to pages',
  async (path) => {
    const { text } = await get(path).expect(200);
    const links = [...text.matchAll(/href="(\/docs[^"#]*)/g)].map(([, link = '']) => link);
    for (const link of new Set(links)) await get(link).expect(200);
  },
);

test('the pictures of a page are there, in colours of their own and with nothing else', async () => {
  const { text } = await get('/docs/fairness').expect(200);
  const pictures = [...text.matchAll(/<img src="([^"]+)"/g)].map(([, file = '']) => file);
  expect(pictures.length).toBeGreaterThan(0);
  for (const picture of pictures) {
    const { headers } = await get(`/docs/${picture}`).expect(200);
    expect(headers['content-type']).toMatch(/^image\/svg\+xml/);
    expect(headers['content-security-policy']).toBe("default-src 'none'; style-src 'unsafe-inline'");
  }
});

test.each([
  '/docs/images/nothing.svg',
  '/docs/images/..%2Ffairness.md',
  '/docs/nothing',
  '/docs/errors/nothing',
  '/docs/..%2FREADME',
  '/docs/errors/%2e%2e%2f%2e%2e%2fREADME',
  '/docs/assets/..%2fapp.js',
  '/docs/assets/package.json',
  '/docs/%00',
])('%s is not there', async (path) => {
  await get(path).expect(404);
});

test('what a page says is text, not HTML of its own; links out of docs/ are left out', () => {
  const markdown =
    '# A <b> & `c`\n\n<script>alert(1)</script> [out](../README.md) [in](other.md#some-where) [js](javascript:x)';
  const html = renderPage({ name: 'page', markdown });
  expect(html).not.toContain('<script>');
  expect(html).toContain('<title>A &lt;b> &amp; c · Postback Delivery</title>');
  expect(html).toContain('<a href="/docs/other#some-where">in</a>');
  expect(html).toContain(' out ');
  expect(html).not.toContain('href="javascript');
});

test('the pictures of a page are served, and nothing else by that', async () => {
  const { text } = await get('/docs/dashboard').expect(200);
  const pictures = [...text.matchAll(/<img src="([^"]+)"/g)].map(([, file = '']) => file);
  expect(pictures.length).toBeGreaterThan(5);
  for (const file of pictures) await get(`/docs/${file}`).expect(200).expect('content-type', 'image/png');
  await get('/docs/images/nothing.png').expect(404);
  await get('/docs/images/..%2Fopenapi.yaml').expect(404);
});
