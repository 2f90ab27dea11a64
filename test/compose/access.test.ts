/** Keys and tokens in containers: mounted from files, followed while it runs, and demanded before others can reach the stack. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, ComposeStack, eventually, freePort } from './composeStack.js';

jest.setTimeout(600_000);

const [FIRST, SECOND, TOKEN] = ['first-first-first-first', 'second-second-second', 'operators-operators'];
const REQUEST = JSON.stringify({ endpoint: { method: 'GET', url: 'http://sink:8090/{n}' }, data: [{ n: 1 }] });
const directory = mkdtempSync(join(tmpdir(), 'postback-access-'));
const [keysFile, tokenFile] = [join(directory, 'keys'), join(directory, 'token')];
const files = { INGEST_API_KEYS_FILE: keysFile, DASHBOARD_TOKEN_FILE: tokenFile };
let stack: ComposeStack;
let baseUrl: string;

beforeAll(async () => {
  stack = new ComposeStack(`pbaccess${process.pid}`, await freePort());
  writeFiles();
});
afterAll(() => {
  stack.stack(['reset'], files);
  rmSync(directory, { recursive: true });
});

const post = async (token?: string) =>
  (await ask(`${baseUrl}/ingest`, { method: 'POST', body: REQUEST, ...(token === undefined ? {} : { token }) })).status;
const until = (status: number, token: string) =>
  eventually(`${status}`, async () => ((await post(token)) === status ? true : undefined));

test('bound to more than loopback without keys, nothing is built or started', () => {
  const { status, output } = stack.stack(['up'], { HTTP_BIND: '192.0.2.1' });
  expect(status).toBe(1);
  expect(output).toMatch(/^\s*HTTP_BIND=192\.0\.2\.1 lets others in: set INGEST_API_KEYS and DASHBOARD_TOKEN first/);
  expect(stack.leftovers()).toEqual([]);
});

test('keys and token come from files', async () => {
  const { status, output } = stack.stack(['up'], files);
  expect({ status, output }).toMatchObject({ status: 0 });
  baseUrl = output.trim().split('\n').at(-1) ?? '';
  expect([await post(), await post(SECOND), await post(FIRST)]).toEqual([401, 401, 202]);
  expect((await ask(`${baseUrl}/api/stats`)).status).toBe(401);
  expect((await ask(`${baseUrl}/api/stats`, { token: TOKEN })).status).toBe(200);
  expect((await ask(`${baseUrl}/readyz`)).status).toBe(200);
});

test("the operator's commands present the token themselves", () => {
  expect(stack.stack(['operate', 'pause', 'inspection'], files)).toMatchObject({ status: 0 });
  expect(stack.stack(['operate', 'resume'], files)).toMatchObject({ status: 0 });
});

test('a key is exchanged without a restart, and a bad file changes nothing', async () => {
  writeFileSync(keysFile, `acme:${SECOND}\n`);
  await until(202, SECOND);
  expect(await post(FIRST)).toBe(401);
  writeFileSync(keysFile, '');
  await eventually('it is said', async () => ((await ask(`${baseUrl}/readyz`)).status === 503 ? true : undefined));
  expect([await post(), await post(SECOND)]).toEqual([401, 202]);
});

/** Readable for user 1000, as which the services run. */
function writeFiles(): void {
  chmodSync(directory, 0o755);
  writeFileSync(keysFile, `acme:${FIRST}\n`, { mode: 0o644 });
  writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o644 });
}
