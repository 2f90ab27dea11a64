import type { Overview } from '../../page/src/api/types.js';
import { bannersOf } from '../../page/src/shell/banners.js';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const books = {
  accepted: 9,
  delivered: 4,
  waiting: 5,
  pending: 0,
  delayed: 0,
  parked: 0,
  dead: 0,
  purged: 0,
  trimmed: 0,
  cancelled: 0,
};
const worker = { name: 'w1', seenAt: '2026-11-24T12:00:00Z', isAlive: true, isReady: true, reasons: [] };
const healthy: Overview = {
  at: '2026-11-24T11:59:59Z',
  redis: { isReachable: true, usedBytes: 10, maxBytes: 100, aofEnabled: true },
  books,
  unaccounted: 0,
  pause: null,
  drain: null,
  workers: [worker],
};
const titles = (overview: Overview | undefined, isLive = true) =>
  bannersOf(overview, isLive, NOW).map(({ title }) => title);

test('nothing is said when all is well, or nothing is known yet', () => {
  expect(titles(healthy)).toEqual([]);
  expect(titles(undefined)).toEqual([]);
});

test('without news that alone is said, with the age of what is shown', () => {
  const paused = { ...healthy, pause: { by: 'operator' } };
  expect(titles(paused, false)).toEqual(['No news from the dashboard service']);
  expect(bannersOf(healthy, false, NOW)[0]?.detail).toContain('from 1 s ago');
});

test('without Redis nothing else is judged: it is not known', () => {
  const away: Overview = { at: healthy.at, redis: { isReachable: false } };
  expect(titles(away)).toEqual(['Redis cannot be reached']);
});

test('no worker: with how many wait', () => {
  const [banner] = bannersOf({ ...healthy, workers: [] }, true, NOW);
  expect(banner?.title).toBe('No delivery worker is alive');
  expect(banner?.detail).toContain('5 are queued');
});

test('a worker that fell silent does not count as alive', () => {
  const silent = { ...worker, name: 'w2', isAlive: false, isReady: false };
  expect(titles({ ...healthy, workers: [silent] })).toEqual(['No delivery worker is alive']);
  expect(titles({ ...healthy, workers: [worker, silent] })).toEqual(['Worker w2 fell silent']);
});

test('one of two workers that is not ready is a warning, all of them an alarm; both with the reasons', () => {
  const unready = { ...worker, name: 'w2', isReady: false, reasons: ['no resolver answers'] };
  const [some] = bannersOf({ ...healthy, workers: [worker, unready] }, true, NOW);
  expect([some?.kind, some?.detail]).toEqual(['warn', 'no resolver answers.']);
  expect(bannersOf({ ...healthy, workers: [unready] }, true, NOW)[0]?.kind).toBe('bad');
});

test('paused, draining, nearly full, not written and off are all said', () => {
  const since = '2026-11-24T11:58:00Z';
  const overview: Overview = {
    ...healthy,
    pause: { by: 'operator', reason: 'they migrate', since },
    drain: { by: 'operator', since },
    redis: { isReachable: true, usedBytes: 95, maxBytes: 100, aofEnabled: false },
    unaccounted: -2,
  };
  expect(titles(overview)).toEqual([
    'Delivery is paused',
    'Draining: no request is taken',
    'Redis is nearly full',
    'Redis keeps nothing on disk',
    'The books are off by -2',
  ]);
  expect(bannersOf(overview, true, NOW)[0]?.detail).toContain('2 m ago, by operator: they migrate');
});
