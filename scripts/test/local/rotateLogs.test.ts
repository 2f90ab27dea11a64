import {
  appendFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rotateLogs } from '../../src/local/rotateLogs.js';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'rotate-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const read = (name: string) => readFileSync(join(directory, name), 'utf8');

test('a file beyond the limit is moved on, and its writer goes on at its beginning', () => {
  const writer = openSync(join(directory, 'a.log'), 'a');
  writeSync(writer, 'old line\n');
  rotateLogs(directory, { maxBytes: 5, keep: 2 });
  writeSync(writer, 'new\n');
  closeSync(writer);
  expect(read('a.log.1')).toBe('old line\n');
  expect(read('a.log')).toBe('new\n');
});

test('a file within the limit is left alone', () => {
  writeFileSync(join(directory, 'a.log'), 'line\n');
  rotateLogs(directory, { maxBytes: 5, keep: 2 });
  expect(readdirSync(directory)).toEqual(['a.log']);
});

test('only so many old files are kept, the newest ones', () => {
  for (const line of ['one', 'two', 'three', 'four']) {
    appendFileSync(join(directory, 'a.log'), line);
    rotateLogs(directory, { maxBytes: 1, keep: 2 });
  }
  expect(readdirSync(directory).sort()).toEqual(['a.log', 'a.log.1', 'a.log.2']);
  expect([read('a.log.1'), read('a.log.2')]).toEqual(['four', 'three']);
});
