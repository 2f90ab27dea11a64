import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseLoadtestConfig } from '../../src/config.js';
import { parseOptions, type LoadOptions } from '../../src/generator/options.js';
import { runLoadtest } from '../../src/loadtest.js';
import { preciseNow } from '../../src/preciseClock.js';
import { noProgress } from '../../src/report/progress.js';
import { findScenario } from '../../src/scenarios/scenarios.js';
import { expectNoOpenSockets, startFakeStack, type Faults } from '../fakeStack.js';

const schema = JSON.parse(readFileSync(join(__dirname, '../../report.schema.json'), 'utf8')) as object;
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);

afterEach(expectNoOpenSockets);

/** As it stands in the file. */
async function reportOf(args: string[], faults: Faults = {}, scenario: LoadOptions['scenario'] = null) {
  const stack = await startFakeStack(faults);
  const all = ['--url', stack.url, '--sink-url', stack.sinkUrl, '--drain-timeout', '1s', ...args];
  const options = { ...(parseOptions(all, parseLoadtestConfig({})) as LoadOptions), scenario };
  const report = await runLoadtest(options, { now: preciseNow, progress: noProgress });
  await stack.stop();
  return JSON.parse(JSON.stringify(report)) as Record<string, unknown>;
}

function faultsOf(report: unknown): string[] {
  validate(report);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test('a clean run, with thresholds and ceiling', async () => {
  const report = await reportOf(['--requests', '20', '--data', '2', '--max-p99', '60s', '--ceiling', '--api-key', 'k']);
  expect(faultsOf(report)).toEqual([]);
});

test('a run in which nothing was accepted, and one with every kind of fault', async () => {
  expect(faultsOf(await reportOf(['--requests', '3', '--max-p50', '1s'], { onRequest: () => 503 }))).toEqual([]);
  const faults: Faults = {
    onRequest: (index) => (index === 1 ? 429 : index === 2 ? 'vanish' : undefined),
    deliverAs: (seq) => (seq === 0 ? [] : seq === 1 ? [1, 1, 9_000] : [seq]),
    changeId: (id, seq) => (seq === 2 ? undefined : id),
  };
  const report = await reportOf(['--requests', '5', '--data', '4'], faults);
  expect(report['verdict']).toMatchObject({ passed: false });
  expect(faultsOf(report)).toEqual([]);
});

test('a scenario', async () => {
  const steady = findScenario('steady') as NonNullable<LoadOptions['scenario']>;
  const [phase] = steady.phases;
  const scenario = { ...steady, phases: phase ? [{ ...phase, durationMs: 300 }] : [] };
  expect(faultsOf(await reportOf([], {}, scenario))).toEqual([]);
});

test('a member that is missing, new or of another kind is noticed', async () => {
  const report = await reportOf(['--requests', '1']);
  expect(faultsOf({ ...report, run: undefined })).not.toEqual([]);
  expect(faultsOf({ ...report, colour: 'red' })).not.toEqual([]);
  expect(faultsOf({ ...report, accounting: { ...(report['accounting'] as object), lost: '0' } })).not.toEqual([]);
});
