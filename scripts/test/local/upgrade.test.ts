/** The real services under a supervisor of the test's own, replaced while requests keep coming. Needs what `make test` builds. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { silentLogger } from '@postback/core/logger';
import { eventually } from '@postback/core/testing/eventually';
import { freePort } from '@postback/core/testing/redisServer';
import { spawnSync } from 'node:child_process';
import { layoutOf, repositoryRoot, type Layout } from '../../src/local/layout.js';
import { awaitReady } from '../../src/local/readiness.js';
import { parseLocalConfig } from '../../src/local/settings.js';
import { readRunningState } from '../../src/local/stackState.js';
import { Supervisor } from '../../src/local/supervisor.js';
import { searchPath } from '../../src/local/systemPackages.js';

jest.setTimeout(120_000);

const directory = mkdtempSync(join(tmpdir(), 'upgrade-'));
const layout: Layout = { ...layoutOf(directory), root: repositoryRoot };
let supervisor: Supervisor;

beforeAll(async () => {
  for (const made of [layout.logDir, layout.redisDir, layout.nginxDir, layout.runDir])
    mkdirSync(made, { recursive: true });
  const env = { ...process.env, PATH: searchPath(process.env['PATH']), HTTP_PORT: String(await freePort()) };
  const password = { PASSWORD_OUT: layout.passwordFile, PASSWORD_MODE: '0600' };
  spawnSync('sh', [join(repositoryRoot, 'redis/write-password.sh')], { env: { ...env, ...password } });
  const config = parseLocalConfig(env);
  supervisor = new Supervisor({ layout, config, env, node: process.execPath, logger: silentLogger, anyPorts: true });
  await supervisor.start({ ingest: 1, delivery: 2 });
  expect(await awaitReady(() => readRunningState(layout)?.services, 60_000)).toEqual([]);
});
afterAll(async () => {
  await supervisor.stop();
  rmSync(directory, { recursive: true });
});

const running = () => {
  const state = readRunningState(layout);
  if (!state) throw new Error('the stack is not running');
  return state;
};
const processIds = () => Object.fromEntries(running().services.map(({ name, process }) => [name, process?.pid]));

interface Books {
  readonly accepted: number;
  readonly delivered: number;
}
async function books(): Promise<Books> {
  return ((await (await fetch(`${running().baseUrl}/api/stats`)).json()) as { books: Books }).books;
}

test('an upgrade under load replaces every service process, no POST fails and every postback is delivered once', async () => {
  const before = processIds();
  const agent = new Agent({ keepAlive: true });
  const body = JSON.stringify({ endpoint: { method: 'GET', url: `${running().sinkUrl}/p?n={n}` }, data: [{ n: 1 }] });
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const failures: unknown[] = [];
  let isOver = false;
  let accepted = 0;
  const send = async () => {
    while (!isOver) {
      try {
        const sent = request(`${running().baseUrl}/ingest`, { method: 'POST', headers, agent }).end(body);
        const [response] = (await once(sent, 'response')) as [IncomingMessage];
        const answer = await text(response);
        if (response.statusCode === 202) accepted++;
        else failures.push(`${response.statusCode} ${answer}`);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const clients = Array.from({ length: 8 }, send);
  await eventually('the load has begun', () => accepted > 50);
  await supervisor.upgrade();
  const during = accepted;
  await eventually('the load goes on', () => accepted > during + 50);
  isOver = true;
  await Promise.all(clients);
  agent.destroy();

  expect(failures).toEqual([]);
  await eventually('nothing is left to deliver', async () => (await books()).delivered >= accepted, 30_000).catch(
    () => undefined,
  );
  expect(await books()).toMatchObject({ accepted, delivered: accepted, dead: 0 });
  const after = processIds();
  expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
  const kept = Object.keys(before).filter((name) => before[name] === after[name]);
  expect(kept.sort()).toEqual(['nginx', 'redis', 'sink']);
  expect(running().fault).toBeUndefined();
});
