import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeRecord, encodeRecord, firstDueAt, readEntry, type Postback } from '@postback/core/queue/entry';
import { packExtras, unpackExtras } from '@postback/core/queue/postbackSettings';

const SETTINGS = {
  delayMs: 1,
  deliverAtMs: 2,
  ttlMs: 3,
  timeoutMs: 4,
  attempts: 5,
  scheduleMs: [6, 7],
  retryStatuses: [404, '3xx'],
};
const POSTBACK: Postback = {
  id: '0-1700000000000-3',
  endpointHash: 'h',
  data: '{"a":1}',
  attemptsMade: 0,
  history: [],
};

test('settings and reference come back as they were stored', () => {
  const extras = { settings: SETTINGS, reference: 'order 7' };
  expect(unpackExtras(JSON.parse(JSON.stringify(packExtras(extras))))).toEqual(extras);
  expect(unpackExtras(packExtras({ reference: '' }))).toEqual({ reference: '' });
});

test('nothing set stores nothing', () => {
  expect(packExtras({})).toBeUndefined();
  expect(encodeRecord(POSTBACK)).toBe('{"v":1,"i":"0-1700000000000-3","e":"h"}\n{"a":1}');
});

test.each([null, 1, 'text', [], { x: 1 }])('stored by somebody else (%j) it counts as nothing', (stored) => {
  expect(unpackExtras(stored)).toEqual({});
});

test('they travel with a record and with a stream entry', () => {
  const postback = { ...POSTBACK, settings: SETTINGS, reference: 'a\nb' };
  expect(decodeRecord(encodeRecord(postback))).toEqual(postback);
  const s = JSON.stringify(packExtras(postback));
  const fields = ['v', '1', 'e', 'h', 'd', '{"a":1}', 's', s];
  expect(readEntry(0, '1700000000000-3', fields)).toEqual(postback);
});

test('those stored by a version that wrote format 1 are read', () => {
  const file = join(__dirname, 'formats', '1.json');
  const { withSettings } = JSON.parse(readFileSync(file, 'utf8')) as { withSettings: string[] };
  expect(readEntry(0, '1800000000000-0', withSettings)).toMatchObject({ settings: SETTINGS, reference: 'order 7' });
});

test('at most ten past attempts travel, the newest, each with time, code and duration', () => {
  const history = Array.from({ length: 12 }, (_, n) => [n, n % 2 ? 503 : 'timeout', n] as const);
  const { history: kept, attemptsMade } = decodeRecord(encodeRecord({ ...POSTBACK, attemptsMade: 12, history }));
  expect(attemptsMade).toBe(12);
  expect(kept).toEqual(history.slice(2));
});

test.each([
  [{}, 1_700_000_000_000],
  [{ settings: { ttlMs: 5 } }, 1_700_000_000_000],
  [{ settings: { delayMs: 5_000 } }, 1_700_000_005_000],
  [{ settings: { deliverAtMs: 1_700_000_009_000 } }, 1_700_000_009_000],
  [{ settings: { deliverAtMs: 1 } }, 1_700_000_000_000],
])('the first attempt of %j is due at %i', (extras, dueAt) => {
  expect(firstDueAt({ ...POSTBACK, ...extras })).toBe(dueAt);
});
