import { PassThrough } from 'node:stream';
import { HELP, listScenarios } from '../../src/generator/help.js';
import { createProgress, noProgress } from '../../src/report/progress.js';
import { wantsColors } from '../../src/report/terminal.js';
import { SCENARIOS } from '../../src/scenarios/scenarios.js';

test.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: true }, { NO_COLOR: '' }, true],
  [{ isTTY: true }, { NO_COLOR: '1' }, false],
  [{ isTTY: true }, { NO_COLOR: '0' }, false],
  [{ isTTY: false }, {}, false],
  [{}, {}, false],
])('colours on %j with %j: %p', (stream, env, expected) => {
  expect(wantsColors(stream, env)).toBe(expected);
});

test('a bar is drawn on a terminal only', () => {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
  expect(createProgress(stream)).toBe(noProgress);
  const terminal = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 80,
    cursorTo: () => true,
    clearLine: () => true,
  });
  let drawn = '';
  terminal.on('data', (chunk: Buffer) => (drawn += String(chunk)));
  const progress = createProgress(terminal as unknown as NodeJS.WriteStream);
  progress.phase('posting', 10);
  progress.update(5);
  progress.stop();
  expect(drawn).toContain('posting');
});

test('the help and the list of scenarios fit into 100 columns', () => {
  const list = listScenarios(SCENARIOS);
  for (const line of `${HELP}${list}`.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  expect(list.replace(/\s+/g, ' ').trim()).toBe(SCENARIOS.map(({ name, about }) => `${name} ${about}`).join(' '));
});
