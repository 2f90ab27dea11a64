import { Writable } from 'node:stream';
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

test('a line is one JSON object with the time, the level, the service and the event', () => {
  const { lines, logger } = capture();
  logger.info('thing.happened', { postback_id: '0-1-0', count: 2, gone: undefined });
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
