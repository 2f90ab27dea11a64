import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, PROBLEM_TYPES } from '@postback/core/problem';
import { readDescription } from '@postback/core/testing/openapi';
import { VERSION } from '@postback/core/version';

const root = join(__dirname, '..', '..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');

test('every type has a page under docs/errors, and no page is without a type', () => {
  const pages = readdirSync(join(root, 'docs', 'errors')).map((name) => name.replace(/\.md$/, ''));
  expect(pages.sort()).toEqual([...PROBLEM_TYPES].sort());
});

test('docs/openapi.yaml lists every type', () => {
  const { components } = readDescription() as {
    components: { schemas: { Problem: { properties: { type: unknown } } } };
  };
  const listed = (components.schemas.Problem.properties.type as { enum: string[] }).enum;
  expect(listed.toSorted()).toEqual(PROBLEM_TYPES.map((type) => `/docs/errors/${type}`).sort());
});

test.each(PROBLEM_TYPES)('the page of %s names its status and title', (type) => {
  const { status, title } = new Problem(type, { detail: '' }).toBody();
  expect(read(`docs/errors/${type}.md`)).toContain(`# \`${type}\` (${status}): ${title}\n`);
});

test("nginx's problems are those of the registry", () => {
  const inNginx = [...read('nginx/problems.conf').matchAll(/return (\d+) '(\{"type".*\})'/g)];
  expect(inNginx.length).toBeGreaterThan(5);
  for (const [, status, body] of inNginx) {
    const problem = JSON.parse(body as string) as { type: string; title: string; status: number };
    const type = PROBLEM_TYPES.find((known) => problem.type === `/docs/errors/${known}`);
    expect(type).toBeDefined();
    expect(problem).toMatchObject({
      status: Number(status),
      title: type && new Problem(type, { detail: '' }).toBody().title,
    });
  }
});

test('the answer has type, title, status, detail and the faults with their pointers', () => {
  const errors = [{ pointer: '/data/0', detail: 'expected an object' }];
  expect(new Problem('invalid-request', { detail: 'why', errors }).toBody()).toEqual({
    type: '/docs/errors/invalid-request',
    title: 'The request does not follow the contract',
    status: 400,
    detail: 'why',
    errors,
  });
});

test('the version that /healthz tells is that of package.json', () => {
  expect((JSON.parse(read('package.json')) as { version: string }).version).toBe(VERSION);
});
