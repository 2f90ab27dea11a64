import { ConfigError, loadConfig, parseConfig, secretFile } from '@postback/core/config';
import { duration, integer, list, oneOf, parseDurationMs, text, url } from '@postback/core/settings';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const schema = {
  COUNT: integer({ default: '3', min: 1, max: 10, description: 'd' }),
  WAIT: duration({ default: '5s', minMs: 0, maxMs: 60_000, description: 'd' }),
  MODE: oneOf(['a', 'b'], { default: 'a', description: 'd' }),
  STEPS: list({ default: '1s, 2m', description: 'd' }, parseDurationMs),
  SECRET: text({ default: '', secret: true, description: 'd' }),
  WHERE: url(['redis:'], { default: 'redis://h', description: 'd' }),
};

test('unset and empty variables take their defaults, and the result cannot be changed', () => {
  const config = parseConfig(schema, { COUNT: '' });
  expect(config).toMatchObject({ COUNT: 3, WAIT: 5_000, MODE: 'a', STEPS: [1_000, 120_000], SECRET: '' });
  expect(Object.isFrozen(config)).toBe(true);
});

test('every fault is reported, each in one line that names the variable and what was expected', () => {
  const env = { COUNT: '11', WAIT: '5', MODE: 'c', STEPS: '1s,x', WHERE: 'http://h' };
  const faults = (() => {
    try {
      parseConfig(schema, env);
    } catch (error) {
      return (error as ConfigError).faults;
    }
  })();
  expect(faults).toEqual([
    'invalid setting COUNT: expected a whole number from 1 to 10, got "11"',
    'invalid setting WAIT: expected a duration such as 500ms, 5s, 2m, 1h or 3d, got "5"',
    'invalid setting MODE: expected one of a, b, got "c"',
    'invalid setting STEPS: expected a duration such as 500ms, 5s, 2m, 1h or 3d, got "x"',
    'invalid setting WHERE: expected a URL starting with redis://',
  ]);
});

test.each(['', ' 3', '3.0', '1e1', '0x3', '+3'].filter(Boolean))('the whole number %j is refused', (value) => {
  expect(() => parseConfig(schema, { COUNT: value })).toThrow(ConfigError);
});

test('a required setting that is not set is a fault', () => {
  expect(() => parseConfig({ NAME: text({ description: 'd' }) }, {})).toThrow('invalid setting NAME: is required');
});

describe('a secret', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'secret');
  writeFileSync(file, 'from-file\n');
  test('may come from a file', () => {
    expect(parseConfig(schema, { SECRET_FILE: file }).SECRET).toBe('from-file');
  });
  test('given directly wins over the file', () => {
    expect(parseConfig(schema, { SECRET_FILE: file, SECRET: 'direct' }).SECRET).toBe('direct');
  });
  test('whose file is empty is a fault: the door it should lock would be open', () => {
    const empty = `${file}-empty`;
    writeFileSync(empty, ' \n');
    expect(() => parseConfig(schema, { SECRET_FILE: empty })).toThrow(/^invalid setting SECRET: .*is empty/);
  });
  test('whose file is /dev/null, as Compose mounts it for none, is unset', () => {
    expect(parseConfig(schema, { SECRET_FILE: '/dev/null' }).SECRET).toBe('');
    expect(secretFile('SECRET', { SECRET_FILE: '/dev/null' })).toBeUndefined();
    expect(secretFile('SECRET', { SECRET_FILE: file })).toBe(file);
  });
  test('whose file is not there is a fault that names the setting', () => {
    expect(() => parseConfig(schema, { SECRET_FILE: '/nowhere/secret' })).toThrow(/^invalid setting SECRET: .*ENOENT/);
  });
});

test('a service with a wrong setting prints one line for it and exits 1', () => {
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('exited');
  });
  const print = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    expect(() => loadConfig(() => parseConfig(schema, { COUNT: 'many' }))).toThrow('exited');
    expect(exit).toHaveBeenCalledWith(1);
    expect(print.mock.calls).toEqual([['invalid setting COUNT: expected a whole number from 1 to 10, got "many"\n']]);
  } finally {
    exit.mockRestore();
    print.mockRestore();
  }
});
