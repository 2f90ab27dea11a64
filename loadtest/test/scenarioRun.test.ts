import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLoadtestConfig } from '../src/config.js';
import type { LoadOptions } from '../src/generator/options.js';
import { parseOptions } from '../src/generator/options.js';
import { runLoadtest } from '../src/loadtest.js';
import { preciseNow } from '../src/preciseClock.js';
import { renderHtml } from '../src/report/html.js';
import { noProgress } from '../src/report/progress.js';
import { renderText } from '../src/report/text.js';
import { runCli } from '../src/cli.js';
import type { Scenario } from '../src/scenarios/scenario.js';
import { expectNoOpenSockets, startFakeStack, type FakeStack } from './fakeStack.js';

const SCENARIO: Scenario = {
  name: 'two-groups',
  about: 'some destinations are slow for a while',
  groups: [
    { name: 'quick', count: 3 },
    { name: 'slow', count: 2 },
  ],
  data: 2,
  phases: [
    { name: 'before', durationMs: 500, rate: 40, shares: { quick: 1, slow: 1 } },
    {
      name: 'trouble',
      durationMs: 500,
      rate: 40,
      shares: { quick: 3, slow: 1 },
      behaviour: { slow: { delayMs: 400 } },
    },
  ],
  bounds: [
    { kind: 'latency', group: 'slow', phase: 'trouble', of: 'before', percentile: 'p50', times: 0, floorMs: 1 },
    { kind: 'refused', group: 'quick', max: 0 },
    { kind: 'extra-attempts', group: 'slow', max: 0 },
  ],
  drainTimeoutMs: 2_000,
};

let stack: FakeStack;

beforeEach(async () => {
  stack = await startFakeStack();
});

afterEach(async () => {
  await stack.stop();
  await expectNoOpenSockets();
});

async function runScenario(scenario: Scenario) {
  const args = ['--url', stack.url, '--sink-url', stack.sinkUrl, '--connections', '8'];
  const options = { ...(parseOptions(args, parseLoadtestConfig({})) as LoadOptions), scenario, data: scenario.data };
  return runLoadtest(
    { ...options, drainTimeoutMs: scenario.drainTimeoutMs },
    { now: preciseNow, progress: noProgress },
  );
}

test('a scenario accounts for every postback, measures each group in each phase, and misses a bound that cannot be kept', async () => {
  const report = await runScenario(SCENARIO);
  expect(report.accounting).toMatchObject({ attempted: 80, accepted: 80, delivered: 80, lost: 0, duplicated: 0 });
  const parts = report.scenario?.parts.map(({ phase, group, endToEnd }) => [phase, group, endToEnd?.count]);
  expect(parts).toEqual([
    ['before', 'quick', 20],
    ['before', 'slow', 20],
    ['trouble', 'quick', 30],
    ['trouble', 'slow', 10],
  ]);
  expect(report.scenario?.attempts).toEqual({ quick: 50, slow: 30 });
  expect(report.findings.map(({ isKept }) => isKept)).toEqual([false, true, true]);
  expect(report.findings[0]?.measured).toBeGreaterThan(399);
  expect(report.verdict.passed).toBe(false);
  expect(renderText(report, false)).toMatch(/^Load test \w+\n +FAIL +slow: p50 in trouble/);
  expect(new Set(stack.posted.map(({ endpoint }) => new URL(endpoint.url).port)).size).toBe(5);
});

test('a phase without a rate posts each request when the last was answered, over the connections that the scenario has', async () => {
  const one = { name: 'one', count: 1 };
  const loop = { name: 'loop', durationMs: 300, rate: null, shares: { one: 1 } };
  const base = { ...SCENARIO, bounds: [], groups: [one], data: 1 };
  const report = await runScenario({ ...base, phases: [loop], connections: 1 });
  expect(report.verdict).toEqual({ passed: true, faults: [] });
  expect(renderText(report, false)).toContain('loop as answered, 1 connection\n');
  expect(stack.mostAtOnce()).toBe(1);
});

test('the HTML report says the verdict first and needs nothing from outside', async () => {
  const html = renderHtml(await runScenario({ ...SCENARIO, about: 'a <b>bold</b> story', bounds: [] }));
  expect(html).toMatch(/<h1>.*two-groups.*passed/);
  expect(html.match(/<svg/g)).toHaveLength(4);
  expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org|127\.0\.0\.1)|<script|NaN|undefined|<b>bold/);
});

test('--html writes the report, and thresholds decide the exit code', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'loadtest-'));
  const run = (more: string[]) =>
    runCli({
      args: ['--url', stack.url, '--sink-url', stack.sinkUrl, '--requests', '20', '--data', '2', ...more],
      env: {},
      now: preciseNow,
      progress: noProgress,
      isColored: false,
      print: () => undefined,
      printError: () => undefined,
    });
  const file = join(directory, 'report.html');
  expect(await run(['--max-p99', '60s', '--max-lost', '0', '--html', file, '--svg', `${file}.svg`])).toBe(0);
  expect(await readFile(file, 'utf8')).toContain('Accounting');
  expect(await readFile(`${file}.svg`, 'utf8')).toMatch(/^<svg /);
  expect(await run(['--max-p50', '0ms'])).toBe(1);
  await rm(directory, { recursive: true });
});

test('--list names every scenario', async () => {
  let out = '';
  const print = (text: string) => void (out += text);
  const deps = { env: {}, now: preciseNow, progress: noProgress, isColored: false, print, printError: print };
  expect(await runCli({ ...deps, args: ['--list'] })).toBe(0);
  expect(out).toMatch(/^noisy-neighbour +half of the traffic/m);
});
