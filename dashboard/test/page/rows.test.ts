import type { Attempt } from '../../page/src/api/types.js';
import { addRows } from '../../page/src/attempts/rows.js';
import { piecesOf } from '../../page/src/story/phases.js';
import { actionsIn, isFinal } from '../../page/src/story/states.js';

const row = (postbackId: string, endedAt: string): Attempt => ({
  postbackId,
  endedAt,
  attempt: 1,
  maxAttempts: 10,
  outcome: 'delivered',
  code: 200,
  destination: 'http://a:80',
  method: 'GET',
  url: 'http://a/',
  responseTimeMs: 5,
});

test('what comes live and what was read overlap: each is shown once, the newest first, and not without end', () => {
  const read = [row('c', '3'), row('b', '2'), row('a', '1')];
  const shown = addRows(read, [row('c', '3'), row('d', '4')]);
  expect(shown.map(({ postbackId }) => postbackId)).toEqual(['d', 'c', 'b', 'a']);
  expect(addRows(shown, [], 2)).toHaveLength(2);
});

test('phases are pieces of one bar that never reach beyond its end', () => {
  const all = { endedAt: '1', code: 200, dnsMs: 1, connectMs: 4, firstByteMs: 15, responseTimeMs: 20 };
  expect(piecesOf(all).map(({ name, startMs, ms }) => [name, startMs, ms])).toEqual([
    ['DNS', 0, 1],
    ['connect', 1, 4],
    ['waiting for the first byte', 5, 10],
    ['reading', 15, 5],
  ]);
  const kept = { endedAt: '1', code: 'timeout', responseTimeMs: 50 };
  expect(piecesOf(kept)).toEqual([{ name: 'waiting for the first byte', startMs: 0, ms: 50 }]);
  const odd = piecesOf({ ...all, connectMs: 900 });
  expect(Math.max(...odd.map(({ startMs, ms }) => startMs + ms))).toBeLessThanOrEqual(20);
});

test('what can be done depends on where the postback is', () => {
  expect(actionsIn('parked')).toEqual(['cancel', 'erase']);
  expect(actionsIn('pending')).toEqual([]);
  expect(actionsIn('dead')).toContain('redrive');
  expect(['waiting', 'delivered', 'cancelled'].map(isFinal)).toEqual([false, true, true]);
});
