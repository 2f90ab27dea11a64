/**
 * Data that was written before Redis had a user for each service, when everybody was its default user with one password: it is taken over
 * as it is, nothing is lost, and from then on the default user cannot log in.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@postback/core/testing/eventually';
import { repositoryRoot } from '../../scripts/src/local/layout.js';
import type { ServiceSpec } from '../../scripts/src/local/serviceSpecs.js';
import { createStack, type CrashStack } from '../crash/crashStack.js';

const USERS = ['ingest', 'delivery', 'dashboard'];
const PATIENCE_MS = 30_000;
jest.setTimeout(120_000);

let stack: CrashStack;
beforeAll(async () => {
  stack = await createStack({ env: { RETRY_ATTEMPTS: '2' } });
});
afterAll(() => stack.dispose(false));

const passwordOf = (user: string) => readFileSync(`${stack.layout.passwordFile}-${user}`, 'utf8');

/** One password, that of the default user. The operator is only there so that this test can look. */
function asBefore(spec: ServiceSpec): ServiceSpec {
  const { redisDir, passwordFile } = stack.layout;
  if (spec.name !== 'redis') {
    const REDIS_URL = `redis://127.0.0.1:${stack.ports.redis}`;
    return { ...spec, env: { ...spec.env, REDIS_URL, REDIS_PASSWORD_FILE: passwordFile } };
  }
  const password = readFileSync(passwordFile, 'utf8');
  const settings = {
    port: String(stack.ports.redis),
    bind: '127.0.0.1',
    dir: redisDir,
    appendonly: 'yes',
    appendfsync: 'always',
    save: '',
    maxmemory: '100mb',
    requirepass: password,
  };
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const operator = ['--user', 'operator', 'on', `>${password}`, '~*', '&*', '+@all'];
  return { ...spec, command: 'redis-server', args: [...options, ...operator] };
}

async function post(delaySeconds: number, port: number): Promise<void> {
  const endpoint = { method: 'GET', url: `http://127.0.0.1:${port}/{n}` };
  const body = JSON.stringify({ endpoint, data: [{ n: 1 }, { n: 2 }, { n: 3 }], delivery: { delaySeconds } });
  const url = `http://127.0.0.1:${stack.ports.ingest[0]}/ingest`;
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(answer.status).toBe(202);
}

/** What counts nothing is left out. */
async function books(): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries(Object.entries(await stack.queue.books()).filter(([, count]) => count !== 0));
}

const expectBooks = (expected: Readonly<Record<string, number>>) =>
  eventually(
    JSON.stringify(expected),
    async () => JSON.stringify(await books()) === JSON.stringify(expected),
    PATIENCE_MS,
  );

test('everything that was kept is there, and what is due is delivered', async () => {
  const specs = ['redis', 'ingest-1', 'delivery-1'].map((name) => [name, stack.process(name).spec] as const);
  for (const [name] of specs) stack.alter(name, asBefore);
  await stack.start('redis', 'sink');
  await stack.start('ingest-1', 'delivery-1');
  await post(0, stack.ports.sink);
  await post(3_600, stack.ports.sink);
  await expectBooks({ accepted: 6, delivered: 3, delayed: 3 });
  await stack.process('delivery-1').end();
  await post(0, stack.ports.sink);
  await expectBooks({ accepted: 9, delivered: 3, waiting: 3, delayed: 3 });
  for (const name of ['ingest-1', 'redis']) await stack.process(name).end();

  // As `make up` does it: passwords for the new users beside the one that is there.
  for (const user of USERS) rmSync(`${stack.layout.passwordFile}-${user}`);
  const before = readFileSync(stack.layout.passwordFile, 'utf8');
  const env = { PATH: process.env['PATH'], PASSWORD_OUT: stack.layout.passwordFile };
  expect(spawnSync('sh', [join(repositoryRoot, 'redis/write-password.sh')], { env }).status).toBe(0);
  expect(readFileSync(stack.layout.passwordFile, 'utf8')).toBe(before);
  expect(new Set([before, ...USERS.map(passwordOf)]).size).toBe(4);

  for (const [name, spec] of specs) stack.alter(name, () => spec);
  await stack.start('redis');
  expect(await books()).toEqual({ accepted: 9, delivered: 3, waiting: 3, delayed: 3 });
  await stack.start('ingest-1', 'delivery-1');
  await post(0, stack.ports.sink);
  await expectBooks({ accepted: 12, delivered: 9, delayed: 3 });
  const login = await stack.redis.send('', ['AUTH', 'default', before]).catch(String);
  expect(login).toContain('WRONGPASS');
});
