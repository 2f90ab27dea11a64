import { Writable } from 'node:stream';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { createLogger } from '@postback/core/logger';

function capture(level: 'info' | 'debug' = 'info') {
  const lines: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  return { lines, logger: createLogger('test', level, stream) };
}

/** One field of every line that was written. */
function read(written: readonly string[], field: string): unknown[] {
  const lines = written.join('').trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as Record<string, unknown>)[field]);
}

test('a line is one JSON object with the time, the level, the service and the event', async () => {
  const { lines, logger } = capture();
  logger.info('thing.happened', { postback_id: '0-1-0', count: 2, gone: undefined });
  await endOfTurn();
  expect(lines).toHaveLength(1);
  expect(lines[0]?.endsWith('}\n')).toBe(true);
  expect(JSON.parse(lines[0] as string)).toEqual({
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    level: 'info',
    service: 'test',
    event: 'thing.happened',
    postback_id: '0-1-0',
    count: 2,
  });
});

test('a nested error keeps its message, code and cause', () => {
  const { lines, logger } = capture();
  const cause = Object.assign(new Error('inner'), { code: 'ECONNRESET' });
  logger.error('it.failed', { error: new Error('outer', { cause }) });
  expect(JSON.parse(lines[0] as string)).toMatchObject({
    error: { message: 'outer', cause: { message: 'inner', code: 'ECONNRESET' } },
  });
});

test('lines below the level are not written', () => {
  const { lines, logger } = capture();
  logger.debug('quiet');
  expect(lines).toEqual([]);
});

test('an event without fields is a whole line, and names are quoted', async () => {
  const { lines, logger } = capture();
  logger.info('thing "x" happened');
  logger.info('another', {});
  await endOfTurn();
  expect(read(lines, 'event')).toEqual(['thing "x" happened', 'another']);
});

test('a number that JSON does not have and a nested object come out as JSON has them', () => {
  const { lines, logger } = capture();
  logger.warn('big', { count: 12345678901234567890n, deep: { error: new Error('inner') }, none: null });
  expect(JSON.parse(lines[0] as string)).toMatchObject({
    count: '12345678901234567890',
    deep: { error: { message: 'inner' } },
    none: null,
  });
});

test('the lines of one turn of the event loop are written together, in their order, at its end', async () => {
  const { lines, logger } = capture();
  for (const count of [1, 2, 3]) logger.info('counted', { count });
  expect(lines).toEqual([]);
  await endOfTurn();
  expect(lines).toHaveLength(1);
  expect(read(lines, 'count')).toEqual([1, 2, 3]);
});

test('a warning is written at once, behind what came before it', () => {
  const { lines, logger } = capture();
  logger.info('first');
  logger.warn('second');
  expect(read(lines, 'event')).toEqual(['first', 'second']);
});

test('of very many lines in one turn not all are held', () => {
  const { lines, logger } = capture();
  for (let count = 0; count < 2_000; count++) logger.info('counted', { count, text: 'x'.repeat(100) });
  expect(lines.length).toBeGreaterThan(2);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(70_000);
});
