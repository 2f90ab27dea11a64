/**
 * `make test-crash`: whole stacks on loopback, broken on purpose. One test and one row of the table per scenario; the table comes
 * last. ARGS: --short, --only 1,5a, --write (docs/reliability.md), --soak 20m.
 */
import type { CrashStack } from './crashStack.js';
import { createStack } from './crashStack.js';
import { parseCrashOptions } from './options.js';
import { writeReliability } from './reliabilityPage.js';
import { rowOf, type Row, type Scenario, type Tools } from './scenario.js';
import { SCENARIOS } from './scenarios.js';
import { soak } from './soak.js';
import { renderTable } from './table.js';

const options = parseCrashOptions(process.env['ARGS'] ?? '');
const rows: Row[] = [];

jest.setTimeout(150_000 + 2 * (options.soakMs ?? 0));

const chosen = options.soakMs === undefined ? SCENARIOS.filter(isChosen) : [soak(options.soakMs)];

test.each(chosen.map((scenario) => [`${scenario.id} ${scenario.title}`, scenario] as const))(
  '%s',
  async (_name, scenario) => {
    const row = await runScenario(scenario);
    rows.push(row);
    expect(row.verdict).toMatch(scenario.mustFail ? /^reported/ : /^passed$/);
  },
);

afterAll(() => {
  process.stdout.write(`\n${renderTable(rows)}\n`);
  if (options.write) writeReliability(rows, options);
});

function isChosen({ id, isShort = false }: Scenario): boolean {
  if (options.only.length > 0) return options.only.includes(id);
  return !options.short || isShort;
}

async function runScenario(scenario: Scenario): Promise<Row> {
  const stacks: CrashStack[] = [];
  let row: Row | undefined;
  const tools: Tools = {
    pick: (full, short) => (options.short ? short : full),
    createStack: async (stackOptions = {}) => {
      const stack = await createStack(stackOptions);
      stacks.push(stack);
      return stack;
    },
  };
  try {
    row = rowOf(scenario, await scenario.run(tools));
    return row;
  } finally {
    const isGood = row !== undefined && !row.verdict.startsWith('FAILED');
    for (const stack of stacks) await stack.dispose(!isGood);
    if (!isGood) for (const { layout } of stacks) process.stdout.write(`${scenario.id}: logs in ${layout.logDir}\n`);
  }
}
