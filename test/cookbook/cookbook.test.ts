/** Every example of docs/api.md is run as it stands there, against real services, and has to keep what the page says of it. */
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { queueKeys } from '@postback/core/queue/keys';
import { createQueue } from '@postback/core/queue/queue';
import { createAttempts } from '@postback/core/queue/attempts';
import { createDeadLetters, createRedriveJobs, createWaiting } from '@postback/core/queue/deadLetters';
import { createDestinations } from '@postback/core/queue/destinations';
import { createLookup } from '@postback/core/queue/lookup';
import { eventually } from '@postback/core/testing/eventually';
import { transformSync } from '@swc/core';
import { Webhook } from 'standardwebhooks';
import { createApp } from '../../dashboard/src/app.js';
import { setStage } from '../../dashboard/test/stage.js';
import { startTestStack, type TestStack } from '../testStack.js';
import { describedApp } from '../describedApp.js';
import { startFront, type Front } from './front.js';
import { readClients, readRecipes, type Arrival } from './recipes.js';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'api.md'), 'utf8');
const RECIPES = readRecipes(PAGE);
const CLIENTS = readClients(PAGE);
const run = promisify(execFile);
/** A Go program is compiled first, on a machine that may be busy. */
const CLIENT_MS = 180_000;
const SIGNING_SECRET = `whsec_${randomBytes(24).toString('base64')}`;
/** What the page cannot know beforehand. */
const OWN_WORDS: readonly (readonly [string, string])[] = [
  ['{id}', '0-\\d{13}-\\d+'],
  ['{seconds}', '\\d{10}'],
  ['{signature}', '[A-Za-z0-9+/]{43}='],
];
const POSTBACK_ID = /\b0-\d{13}-\d+\b/g;

let stack: TestStack;
let front: Front;
let dashboard: Server;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cookbook-'));
  writeFileSync(join(directory, 'partner_a'), 'Bearer a-password-of-ours');
  writeFileSync(join(directory, 'partner_a.hosts'), '127.0.0.1');
  stack = await startTestStack({
    env: { SECRETS_DIR: directory, SIGNING_SECRETS: SIGNING_SECRET },
    ingest: { secretsDirectory: directory },
  });
  const redis = await stack.redis.connect();
  const keys = queueKeys(0);
  const { deps } = await setStage(redis);
  const app = createApp({
    ...deps,
    queue: createQueue(redis, keys),
    waiting: createWaiting(redis, keys),
    lookup: createLookup(redis, keys),
    destinations: createDestinations(redis, keys),
    attempts: createAttempts(redis, keys),
    dead: createDeadLetters(redis, keys),
    jobs: createRedriveJobs(redis, keys),
  });
  dashboard = createServer(describedApp(app)).listen(0, '127.0.0.1');
  await once(dashboard, 'listening');
  front = await startFront(stack.ingest.url, `http://127.0.0.1:${(dashboard.address() as AddressInfo).port}`);
});

afterAll(async () => {
  await front.stop();
  dashboard.closeAllConnections();
  dashboard.close();
  await stack.stop();
  rmSync(directory, { recursive: true });
});

beforeEach(() => void stack.endpoint.received.splice(0));

/** The addresses of the page, exchanged for those of the test. */
const withOurs = (text: string) =>
  text.replaceAll('localhost:8080', front.url).replaceAll('https://partner.example', stack.endpoint.origin);

function received(): Arrival[] {
  return stack.endpoint.received.map(({ method, url, headers, body }) => ({
    method,
    url,
    headers: headers as Record<string, string>,
    body,
  }));
}

async function runUntilRight(command: string, answer: unknown): Promise<void> {
  const once = async () => (await run('bash', ['-ec', withOurs(command)], { cwd: directory })).stdout;
  const check = (printed: string) => {
    const given = JSON.parse(printed.replaceAll(POSTBACK_ID, '0-1795478400000-0')) as unknown;
    if (answer === undefined) expect(given).toMatchObject({ accepted: expect.any(Number) });
    else expect(given).toMatchObject(JSON.parse(withOurs(JSON.stringify(answer))) as object);
  };
  if (command.includes(' -d ')) return check(await once());
  // Kept attempts are written a moment after the attempt: who only asks may ask again.
  let failure: unknown;
  const isRight = async () => {
    const printed = await once();
    try {
      check(printed);
      return true;
    } catch (error) {
      failure = error;
      return false;
    }
  };
  await eventually('the answer of the page', isRight, 10_000).catch(() => {
    throw failure;
  });
}

/** The page's headers, with a pattern where it has a word of its own. */
function matching(headers: Readonly<Record<string, string>>): Record<string, unknown> {
  const patternOf = (value: string) =>
    OWN_WORDS.reduce((pattern, [word, own]) => pattern.replace(word, own), value.replace(/[$()*+.?[\]^|]/g, '\\$&'));
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, expect.stringMatching(new RegExp(`^${patternOf(value)}$`))]),
  );
}

/** As the page tells a receiver to check it; the library parses what it has verified, and a form is no JSON. */
function isSigned({ headers, body }: Arrival): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = headers;
  const own = new Webhook(SIGNING_SECRET).sign(String(id), new Date(Number(at) * 1_000), body);
  return own === signature;
}

describe.each(RECIPES)('$heading', ({ commands, answers, arrivals }) => {
  test('does what the page says', async () => {
    for (const [index, command] of commands.entries()) {
      // Between two commands somebody reads: what the first one queued is delivered by then.
      await stack.settled();
      await runUntilRight(command, answers.get(index));
    }
    await stack.settled();
    await eventually('everything has arrived', () => received().length >= arrivals.length);
    expect(received()).toHaveLength(arrivals.length);
    for (const [index, { headers, ...arrival }] of arrivals.entries()) {
      expect(received()[index]).toMatchObject({ ...arrival, headers: matching(headers) });
    }
    expect(received().map(isSigned)).toEqual(arrivals.map(() => true));
  }, 60_000);
});

const PROGRAMS: Readonly<
  Record<string, (code: string) => readonly [file: string, command: string, args: readonly string[]]>
> = {
  ts: (code) => {
    writeFileSync(join(directory, 'client.cjs'), toJavaScript(code));
    return ['client.ts', process.execPath, ['client.cjs']];
  },
  python: () => ['client.py', 'python3', ['client.py']],
  go: () => ['client.go', 'go', ['run', 'client.go']],
  php: () => ['client.php', 'php', ['client.php']],
};

function toJavaScript(code: string): string {
  const options = {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  } as const;
  return transformSync(code, { ...options, swcrc: false, configFile: false }).code;
}

const isThere = (language: string) =>
  language === 'ts' ||
  spawnSync(language === 'python' ? 'python3' : language, [language === 'go' ? 'version' : '--version']).status === 0;

test('the page has clients in four languages, and examples', () => {
  expect(CLIENTS.map(({ language }) => language)).toEqual(['ts', 'python', 'go', 'php']);
  expect(RECIPES.length).toBeGreaterThanOrEqual(10);
  expect(RECIPES.flatMap(({ arrivals }) => arrivals).length).toBeGreaterThanOrEqual(9);
});

describe.each(CLIENTS)('the client in $language', ({ language, code }) => {
  const perhaps = isThere(language) ? test : test.skip;

  perhaps(
    isThere(language) ? 'sends again until it is accepted, and makes one postback' : 'is not run: this machine cannot',
    async () => {
      front.trouble.push(503, 'broken', 429);
      const [file, command, args] = (PROGRAMS[language] as NonNullable<(typeof PROGRAMS)[string]>)(withOurs(code));
      writeFileSync(join(directory, file), withOurs(code));
      const env = { ...process.env, POSTBACK_URL: front.url, GOFLAGS: '-mod=mod', GO111MODULE: 'off' };
      const { stdout } = await run(command, [...args], { cwd: directory, env });
      expect(stdout.trim()).toMatch(/^0-\d{13}-\d+$/);
      expect(front.trouble).toEqual([]);
      await stack.settled();
      expect(received()).toMatchObject([{ method: 'GET', url: `/client?from=${language}` }]);
    },
    CLIENT_MS,
  );

  perhaps(
    isThere(language) ? 'gives up at once when it is refused, and says why' : 'is not run either',
    async () => {
      const broken = withOurs(code)
        .replace('"method"', '"mehtod"')
        .replace("'method'", "'mehtod'")
        .replace("method: 'GET'", "mehtod: 'GET'");
      const [file, command, args] = (PROGRAMS[language] as NonNullable<(typeof PROGRAMS)[string]>)(broken);
      writeFileSync(join(directory, file), broken);
      const env = { ...process.env, POSTBACK_URL: front.url, GOFLAGS: '-mod=mod', GO111MODULE: 'off' };
      const failure = await run(command, [...args], { cwd: directory, env }).then(
        () => undefined,
        (error: { stderr: string }) => error.stderr,
      );
      expect(failure).toContain('did you mean');
      expect(received()).toEqual([]);
    },
    CLIENT_MS,
  );
});
