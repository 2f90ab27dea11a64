/**
 * Each service has a user of its own in Redis. Two ways to show that nothing it needs is denied: a whole stack at work, whose Redis keeps
 * a log of what it denied; and every command named in the source of the queue. And that what is dangerous is denied, which also shows
 * that the log would tell.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '@postback/core/logger';
import { createRedis } from '@postback/core/redis';
import { eventually } from '@postback/core/testing/eventually';
import { repositoryRoot } from '../../scripts/src/local/layout.js';
import { createStack, withRedisArguments, type CrashStack } from '../crash/crashStack.js';

let stack: CrashStack;
beforeAll(async () => {
  stack = await createStack({ env: { ALLOWED_TARGETS: '127.0.0.0/8', RETRY_ATTEMPTS: '2' } });
  await stack.start('redis');
  await stack.process('redis').end(); // its configuration has been written
  stack.alter('redis', withRedisArguments(stack, '--user', 'judge', 'on', 'nopass', '~*', '&*', '+@all'));
  await stack.startAll();
  await stack.start('dashboard', 'nginx');
}, 60_000);
afterAll(() => stack.dispose(false));

async function asUser<T>(user: string, use: (send: (...args: string[]) => Promise<unknown>) => Promise<T>): Promise<T> {
  const url = `redis://${user}@127.0.0.1:${stack.ports.redis}`;
  const password = readFileSync(`${stack.layout.passwordFile}${user === 'operator' ? '' : `-${user}`}`, 'utf8');
  const redis = createRedis({ url, password, name: user, logger: silentLogger });
  await redis.connect();
  try {
    return await use((...args) => redis.send('', args));
  } finally {
    redis.destroy();
  }
}

/** What Redis has denied, as `user command object`. */
async function denied(): Promise<readonly string[]> {
  const entries = (await stack.redis.send('', ['ACL', 'LOG'])) as unknown[][];
  return entries.map((entry) => {
    const fields = entry.map(String);
    const field = (name: string) => fields[fields.indexOf(name) + 1];
    return `${field('username')} ${field('context')} ${field('object')}`;
  });
}

async function call(method: string, path: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${stack.httpUrl}${path}`, { ...init, headers });
  const text = await answer.text();
  if (answer.status >= 500) throw new Error(`${method} ${path}: ${text}; denied: ${(await denied()).join(', ')}`);
  return JSON.parse(text || '{}') as { ids?: string[]; books?: Record<string, number> };
}

const books = async () => (await call('GET', '/api/stats')).books ?? {};

test('a stack at work is denied nothing', async () => {
  const healthy = { method: 'GET', url: `${stack.sinkUrl}/x?a={a}` };
  const broken = { method: 'GET', url: 'http://127.0.0.1:1/x?a={a}' };
  const post = async (request: unknown) => (await call('POST', '/ingest', request)).ids?.[0] ?? '';
  const data = [{ a: 1 }, { a: 2 }];
  const delivered = await post({ endpoint: healthy, data });
  await post({ endpoint: healthy, data, delivery: { delaySeconds: 1, reference: 'order-7' } });
  const waiting = await post({ endpoint: healthy, data, delivery: { delaySeconds: 3_600 } });
  await post({ endpoint: broken, data, delivery: { reference: 'order-8' } });
  await eventually(
    'four are delivered, two are dead',
    async () => {
      const now = await books();
      return now['delivered'] === 4 && now['dead'] === 2;
    },
    30_000,
  );

  for (const path of [
    `/api/postbacks/${delivered}?waitSeconds=1`,
    `/api/postbacks/${waiting}`,
    '/api/postbacks?reference=order-8',
    '/api/attempts',
    '/api/attempts?outcome=failed',
    '/api/destinations',
    '/api/overview',
    '/api/series',
    '/api/dead',
    '/api/redrive',
    '/api/pause',
    '/metrics',
    '/readyz',
  ])
    await call('GET', path).catch((error: unknown) =>
      error instanceof SyntaxError ? undefined : Promise.reject(error as Error),
    );
  const origin = encodeURIComponent('http://127.0.0.1:1');
  await call('POST', '/api/pause', { reason: 'to look' });
  await call('POST', '/api/resume', {});
  await call('POST', `/api/destinations/${origin}/pause`, { reason: 'to look' });
  await call('POST', `/api/destinations/${origin}/resume`, {});
  await call('DELETE', `/api/postbacks/${waiting}`);
  await call('POST', '/api/redrive', { reason: 'attempts-exhausted' });
  await eventually('they are dead again', async () => ((await books())['dead'] ?? 0) >= 2, 30_000);
  await call('POST', '/api/purge', { reason: 'attempts-exhausted' });
  await call('POST', '/api/cancel', { destination: stack.sinkUrl });
  expect(await denied()).toEqual([]);
}, 120_000);

/** Every command that the queue's source names: sent, or called in a script. */
function commandsInSource(): readonly string[] {
  const root = join(repositoryRoot, 'core/src/queue');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const text = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  const names = text.matchAll(
    /redis\.p?call\('([A-Z]+)'(?:, '([A-Z]+)')?|send\([^[]*\[\s*'([A-Z]+)'(?:, '([A-Z]+)')?/g,
  );
  return [...new Set([...names].map((match) => match[1] ?? match[3] ?? ''))].filter((name) => name !== 'CONFIG').sort();
}

/** Whether this user may run the command at all; its keys are judged where it runs. */
async function mayRun(user: string, command: string): Promise<boolean> {
  const arity = ((await stack.redis.send('', ['COMMAND', 'INFO', command])) as [string, number][])[0]?.[1] ?? 1;
  await stack.redis.send('', ['AUTH', 'judge', 'any']);
  const args = Array<string>(Math.abs(arity) - 1).fill('{pb:0}:stream');
  const said = String(await stack.redis.send('', ['ACL', 'DRYRUN', user, command, ...args]).catch(String));
  return !said.includes('no permissions to run');
}

test('every command in the source of the queue is allowed to the service that moves or shows postbacks', async () => {
  const commands = commandsInSource();
  expect(commands).toEqual(
    expect.arrayContaining(['XADD', 'XACK', 'XREADGROUP', 'EVALSHA', 'ZADD', 'HINCRBY', 'PUBLISH']),
  );
  const refused = [];
  for (const command of commands) {
    const users = await Promise.all(['delivery', 'dashboard'].map((user) => mayRun(user, command)));
    if (!users.includes(true)) refused.push(command);
  }
  expect(refused).toEqual([]);
});

const DANGEROUS = [
  'FLUSHALL',
  'FLUSHDB',
  'KEYS *',
  'DEBUG SLEEP 0',
  'CONFIG SET appendfsync no',
  'CONFIG REWRITE',
  'SHUTDOWN NOSAVE',
  'REPLICAOF 127.0.0.1 1',
  'MODULE LIST',
  'ACL SETUSER intruder',
  'ACL LIST',
  'MONITOR',
  'SAVE',
  'BGREWRITEAOF',
  'CLIENT KILL TYPE normal',
  'FUNCTION FLUSH',
  'SCRIPT FLUSH',
  'SWAPDB 0 1',
  'SORT {pb:0}:stream',
  'GET secrets',
  'SET elsewhere 1',
];
const NOT_ITS_OWN: readonly (readonly [string, string])[] = [
  ['ingest', 'XREADGROUP GROUP delivery intruder STREAMS {pb:0}:stream >'],
  ['ingest', 'DEL {pb:0}:stream'],
  ['ingest', 'XTRIM {pb:0}:stream MAXLEN 0'],
  ['ingest', 'HGETALL {pb:0}:dead:entries'],
  ['ingest', 'ZADD {pb:0}:dead 1 x'],
  ['delivery', 'CONFIG GET *'],
  ['dashboard', 'CONFIG GET *'],
  ['dashboard', 'XREADGROUP GROUP delivery intruder STREAMS {pb:0}:stream >'],
];
const everybody = ['ingest', 'delivery', 'dashboard'].flatMap((user) => DANGEROUS.map((one) => [user, one] as const));

test.each([
  ...everybody,
  ...NOT_ITS_OWN,
  ...DANGEROUS.slice(0, -3)
    .filter((one) => !/LIST|KILL|FLUSH$/.test(one) || one.startsWith('FLUSH'))
    .map((one) => ['operator', one] as const),
])('%s may not %s', async (user, command) => {
  const answer = await asUser(user, (send) => send(...command.split(' ')).catch(String));
  expect(answer).toMatch(/NOPERM|DEBUG command not allowed/); // DEBUG is switched off altogether
});

test('what was denied stands in the log that the first test reads', async () => {
  await asUser('ingest', (send) => send('KEYS', '*').catch(String));
  expect(await denied()).toContain('ingest toplevel keys');
});

test.each(['default', 'nobody'])('as %s nobody gets in', async (user) => {
  const password = readFileSync(stack.layout.passwordFile, 'utf8');
  const answer = await asUser('ingest', (send) => send('AUTH', user, password).catch(String));
  expect(answer).toContain('WRONGPASS');
});
