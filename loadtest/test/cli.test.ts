import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../src/cli.js';
import { preciseNow } from '../src/preciseClock.js';
import { noProgress } from '../src/report/progress.js';
import type { LoadReport } from '../src/report/report.js';
import type { FakeStack, Faults } from './fakeStack.js';
import { expectNoOpenSockets, stallOnce, startFakeStack } from './fakeStack.js';

let stack: FakeStack | undefined;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'loadtest-'));
});

afterEach(async () => {
  await stack?.stop();
  stack = undefined;
  await rm(directory, { recursive: true });
  await expectNoOpenSockets();
});

async function runCommand(line: string, env = {}) {
  const output = { out: '', error: '' };
  const exitCode = await runCli({
    args: line.split(' ').filter((word) => word !== ''),
    env,
    now: preciseNow,
    progress: noProgress,
    isColored: false,
    print: (text) => void (output.out += text),
    printError: (text) => void (output.error += text),
  });
  return { exitCode, ...output };
}

/** A run against the fake stack, with its JSON report. */
async function load(line: string, faults: Faults = {}) {
  stack = await startFakeStack(faults);
  const file = join(directory, 'report.json');
  const addresses = `--url ${stack.url} --sink-url ${stack.sinkUrl} --json ${file}`;
  const result = await runCommand(`${addresses} --drain-timeout 1s ${line}`);
  const report = JSON.parse(await readFile(file, 'utf8')) as LoadReport;
  return { ...result, report };
}

const CLEAN = { rejected: 0, unknown: 0, lost: 0, duplicated: 0, recovered: 0, unexpected: 0, idMismatch: 0 };

describe('a clean run', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('accounts for every %s postback and exits 0', async (method) => {
    const { exitCode, report, out } = await load(`--requests 40 --data 5 --connections 4 --method ${method}`);
    expect(report.accounting).toMatchObject({ ...CLEAN, attempted: 200, accepted: 200, delivered: 200 });
    expect(report.requests).toEqual({ sent: 40, answers: { '202': 40 } });
    expect(report.latencyMs.ingest?.count).toBe(40);
    expect(report.latencyMs.endToEnd?.count).toBe(200);
    expect(report.throughput.deliveredPerSecond).toBeGreaterThan(0);
    expect(exitCode).toBe(0);
    expect(out.trimEnd().split('\n').at(-1)).toBe('PASS  lost 0: all 200 accepted postbacks arrived');
  });

  it('keeps to the rate', async () => {
    const { report } = await load('--duration 500ms --rate 100 --data 1');
    expect(report.requests.sent).toBe(50);
    expect(report.firstRequestToLastDeliveryMs).toBeGreaterThan(480);
    expect(report.firstRequestToLastDeliveryMs).toBeLessThan(5_000);
  });

  it('presents the API key, and keeps it out of the report', async () => {
    const { report, out } = await load('--requests 1 --data 1 --api-key canary-key');
    expect(stack?.headers[0]?.authorization).toBe('Bearer canary-key');
    expect(JSON.stringify(report) + out).not.toContain('canary-key');
  });
});

describe('a sink that misbehaves', () => {
  it('that drops 1 %, duplicates 1 % and delays 100 ms is reported exactly', async () => {
    const behaviour = '--sink-drop 1% --sink-duplicate 1% --sink-delay 100ms';
    const { exitCode, report, out } = await load(`--requests 200 --data 10 --connections 200 ${behaviour}`, {
      deliverAs: (seq) => [seq],
    });
    expect(report.accounting).toMatchObject({ ...CLEAN, accepted: 2_000, delivered: 1_980, lost: 20, duplicated: 20 });
    expect(report.latencyMs.endToEnd?.p50).toBeGreaterThanOrEqual(100);
    expect(exitCode).toBe(1);
    expect(out.trimEnd().split('\n').at(-1)).toBe('FAIL  lost 20 of 2000');
  });
});

describe('a stack that misbehaves', () => {
  it('that stalls for 500 ms shows in the percentiles, although only few requests were under way', async () => {
    const { report } = await load('--requests 300 --rate 200 --data 1 --connections 2', {
      onRequest: stallOnce(100, 500),
    });
    // 500 ms at 200/s hold up 100 of the 300 requests; a closed loop would see two slow ones, and a p99 that knows nothing.
    expect(report.latencyMs.ingest?.p99).toBeGreaterThan(400);
    expect(report.latencyMs.ingest?.p90).toBeGreaterThan(250);
    expect(report.latencyMs.endToEnd?.p99).toBeGreaterThan(400);
    expect(report.accounting).toMatchObject({ ...CLEAN, delivered: 300 });
  });

  it('that keeps requests without answering them has them counted as recovered', async () => {
    const onRequest = (index: number) => (index % 10 === 0 ? ('vanish' as const) : undefined);
    const { exitCode, report } = await load('--requests 30 --data 2 --connections 2', { onRequest });
    expect(report.accounting).toMatchObject({ ...CLEAN, accepted: 54, unknown: 6, delivered: 54, recovered: 6 });
    expect(exitCode).toBe(0);
  });

  it('that refuses requests has them counted as rejected, by status', async () => {
    const onRequest = (index: number) => (index < 5 ? 503 : undefined);
    const { exitCode, report } = await load('--requests 20 --data 2 --connections 1', { onRequest });
    expect(report.accounting).toMatchObject({ ...CLEAN, attempted: 40, accepted: 30, rejected: 10, delivered: 30 });
    expect(report.requests.answers).toEqual({ '202': 15, '503': 5 });
    expect(exitCode).toBe(0);
  });

  it('that accepts nothing fails', async () => {
    const { exitCode, out } = await load('--requests 3 --data 1', { onRequest: () => 503 });
    expect(exitCode).toBe(1);
    expect(out).toContain('FAIL  nothing was accepted');
  });

  it('that delivers what was never sent fails', async () => {
    const deliverAs = (seq: number) => (seq === 7 ? [7, 9_000, 9_001] : [seq]);
    const { exitCode, report } = await load('--requests 10 --data 2', { deliverAs });
    expect(report.accounting).toMatchObject({ ...CLEAN, delivered: 20, unexpected: 2 });
    expect(exitCode).toBe(1);
  });

  it('that delivers twice is told from one that delivers once', async () => {
    const { exitCode, report } = await load('--requests 10 --data 2', { deliverAs: (s) => (s < 3 ? [s, s] : [s]) });
    expect(report.accounting).toMatchObject({ ...CLEAN, delivered: 20, duplicated: 3 });
    expect(exitCode).toBe(0);
  });

  it('that delivers under another id, or none, fails', async () => {
    const changeId = (id: string, seq: number) => (seq === 4 ? 'other' : seq === 5 ? undefined : id);
    const { exitCode, report } = await load('--requests 10 --data 2', { changeId });
    expect(report.accounting).toMatchObject({ ...CLEAN, delivered: 20, idMismatch: 2 });
    expect(report.accounting.examples.idMismatch.map(({ seq, arrived }) => [seq, arrived])).toContainEqual([
      4,
      'other',
    ]);
    expect(exitCode).toBe(1);
  });
});

describe('the command line', () => {
  it('exits 2 with one line for a wrong option', async () => {
    const { exitCode, error, out } = await runCommand('--requests many');
    expect([exitCode, out]).toEqual([2, '']);
    expect(error).toBe(
      'loadtest: --requests: expected a whole number from 1 to 10000000, got "many" (--help lists the options)\n',
    );
  });

  it('exits 1 with one line for a wrong setting', async () => {
    const { exitCode, error } = await runCommand('', { TARGET_URL: 'nginx' });
    expect(exitCode).toBe(1);
    expect(error).toMatch(/^loadtest: invalid setting TARGET_URL: [^\n]+\n$/);
  });

  it('prints help', async () => {
    const { exitCode, out } = await runCommand('--help');
    expect(exitCode).toBe(0);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  it('says what to do when nothing answers', async () => {
    const { exitCode, error } = await runCommand('--url http://127.0.0.1:9');
    expect(exitCode).toBe(1);
    expect(error).toMatch(/^loadtest: nothing answers at http:\/\/127\.0\.0\.1:9\/ingest \([^\n]+`make up`[^\n]+\n$/);
  });

  it('says what to do when there is no sink', async () => {
    stack = await startFakeStack();
    const { exitCode, error } = await runCommand(`--url ${stack.url} --sink-url http://127.0.0.1:9`);
    expect(exitCode).toBe(1);
    expect(error).toMatch(/^loadtest: no sink at [^\n]+--sink-control-url\n$/);
  });

  it('says so when the report cannot be written, after showing it', async () => {
    stack = await startFakeStack();
    const addresses = `--url ${stack.url} --sink-url ${stack.sinkUrl}`;
    const { exitCode, error, out } = await runCommand(`${addresses} --requests 1 --json ${directory}/none/report.json`);
    expect([exitCode, out.includes('PASS')]).toEqual([2, true]);
    expect(error).toContain('--json');
  });
});
