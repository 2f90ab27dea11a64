import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EntryError, FORMAT_VERSION, NewerEntryError, readEntry } from '@postback/core/queue/entry';

/** One file per format: stream fields as a version that wrote it stored them. Never changed, only added to. */
function sampleOf(format: number): { readonly first: string[]; readonly record: string[] } | undefined {
  const file = join(__dirname, 'formats', `${format}.json`);
  return existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { first: string[]; record: string[] })
    : undefined;
}

const supported = [FORMAT_VERSION - 1, FORMAT_VERSION].filter((format) => format > 0);

describe.each(supported)('format %i', (format) => {
  test('a first attempt stored by a version that wrote it is read, the data object byte for byte', () => {
    const sample = sampleOf(format);
    if (!sample) throw new Error(`test/queue/formats/${format}.json is missing`);
    expect(readEntry(0, '1700000000000-3', sample.first)).toMatchObject({
      id: '0-1700000000000-3',
      endpointHash: '4f2a',
      data: '{"id": 12345678901234567890, "text": "Gopher & é"}',
      attemptsMade: 0,
      history: [],
    });
  });

  test('a record stored by a version that wrote it is read, with its history', () => {
    expect(readEntry(0, '1800000000000-0', sampleOf(format)?.record ?? [])).toMatchObject({
      id: '0-1700000000000-3',
      endpointHash: '4f2a',
      data: '{"n":1}',
      attemptsMade: 2,
      history: [
        [1_700_000_001_000, 503, 12],
        [1_700_000_006_000, 'timeout', 10_000],
      ],
    });
  });
});

const NEWER = FORMAT_VERSION + 1;

test.each([
  ['a first attempt', ['v', String(NEWER), 'x', 'whatever']],
  ['a record', ['r', `{"v":${NEWER},"what":"ever"}\n{}`]],
])('%s of a newer format is told apart from an unreadable one', (_what, fields) => {
  expect(() => readEntry(0, '1-0', fields)).toThrow(NewerEntryError);
});

test.each([
  ['no format', ['what', 'ever']],
  ['a format that is no number', ['v', 'x', 'e', 'h', 'd', '{}']],
  ['format 0', ['v', '0', 'e', 'h', 'd', '{}']],
  ['a missing member', ['v', '1', 'e', 'h']],
  ['a record without a head', ['r', '{}']],
  ['a record whose head is null', ['r', 'null\n{}']],
  ['a record of no format', ['r', '{"i":"0-1-0","e":"h"}\n{}']],
])('an entry with %s is unreadable', (_what, fields) => {
  expect(() => readEntry(0, '1-0', fields)).toThrow(EntryError);
});
