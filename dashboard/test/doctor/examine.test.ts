/** Each thing that may be wrong, alone, beside an installation that is well. */
import { examine } from '../../src/doctor/examine.js';
import type { Facts, Figure } from '../../src/doctor/facts.js';
import { showUnreachable, type ShownOverview } from '../../src/overview/showOverview.js';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const WORKER = {
  name: 'w1',
  version: '0.1.0',
  startedAt: '2026-01-31T11:00:00.000Z',
  seenAt: '2026-01-31T11:59:59.500Z',
  isAlive: true,
  slots: 64,
  busy: 1,
  isReady: true,
  reasons: [] as string[],
};
const NONE = { accepted: 0, delivered: 0, failedAttempts: 0, dead: 0 };
const REDIS = {
  isReachable: true as const,
  usedBytes: 100,
  maxBytes: 1_000,
  aofEnabled: true,
  lastWriteOk: true,
  lastRewriteOk: true,
};
const WELL = {
  at: new Date(NOW).toISOString(),
  books: {
    accepted: 1,
    delivered: 1,
    waiting: 0,
    pending: 0,
    delayed: 0,
    parked: 0,
    dead: 0,
    purged: 0,
    trimmed: 0,
    cancelled: 0,
  },
  unaccounted: 0,
  backlog: { waiting: 0, pending: 0, delayed: 0, parked: 0, dead: 0 },
  oldestWaitingSeconds: null,
  oldest: { firstAttemptSeconds: null, retrySeconds: 59, parkedSeconds: 3_600 },
  pause: null,
  drain: null,
  workers: [WORKER],
  redis: REDIS,
  recent: { seconds: 60, ...NONE, perSecond: NONE },
} satisfies ShownOverview;
const build: Figure = { name: 'postback_build_info', labels: { version: '0.1.0' }, value: 1 };
const INGEST = { name: 'ingest', isReady: true, reasons: [] as string[], figures: [build] };
const FACTS: Facts = {
  now: NOW,
  version: '0.1.0',
  overview: WELL,
  destinations: [{ destination: 'https://a.example:443', state: 'called', parked: 3 }],
  services: [INGEST],
  certificate: { kind: 'certificate', validTo: NOW + 15 * 86_400_000 },
  bind: '0.0.0.0',
};
const overview = (change: object): Partial<Facts> => ({ overview: { ...WELL, ...change } });
const redis = (change: object) => overview({ redis: { ...REDIS, ...change } });
const figure = (name: string, value: number, labels = {}): Partial<Facts> => ({
  services: [{ ...INGEST, figures: [build, { name, labels, value }] }],
});
const held = { since: '2026-01-31T11:00:00.000Z', by: 'anna', reason: 'a test' };

test('an installation that is well has no finding', () => {
  expect(examine(FACTS)).toEqual([]);
});

test.each<[level: string, what: string, change: Partial<Facts>]>([
  ['bad', 'the dashboard cannot be asked: no answer', { overview: 'no answer' }],
  [
    'bad',
    'delivery does not answer: ECONNREFUSED',
    { services: [{ ...INGEST, name: 'delivery', isReady: undefined, reasons: ['ECONNREFUSED'] }] },
  ],
  [
    'bad',
    'ingest is not ready: Redis has appendonly no',
    { services: [{ ...INGEST, isReady: false, reasons: ['Redis has appendonly no'] }] },
  ],
  ['bad', 'Redis does not answer the dashboard', { overview: showUnreachable(NOW, 'gone') }],
  ['bad', 'Redis has no maxmemory', redis({ maxBytes: 0 })],
  ['attention', 'Redis uses 65 % of its', redis({ usedBytes: 650 })],
  ['bad', 'Redis keeps nothing on disk', redis({ aofEnabled: false })],
  ['bad', 'Redis could not write', redis({ lastWriteOk: false })],
  ['attention', 'Redis could not rewrite', redis({ lastRewriteOk: false })],
  ['attention', '100 MiB are free on the disk of Redis', figure('postback_redis_disk_free_bytes', 100 * 2 ** 20)],
  ['bad', 'requests are refused: memory', figure('postback_condition', 2, { condition: 'memory' })],
  ['attention', 'ingest sees: fork-room', figure('postback_condition', 1, { condition: 'fork-room' })],
  ['attention', 'delivery is paused since 2026-01-31T11:00:00.000Z (anna: a test)', overview({ pause: held })],
  ['attention', 'no request is taken since', overview({ drain: held })],
  ['bad', 'no delivery worker is alive', overview({ workers: [{ ...WORKER, isAlive: false }] })],
  [
    'bad',
    'worker w1 is not ready: no name',
    overview({ workers: [{ ...WORKER, isReady: false, reasons: ['no name'] }] }),
  ],
  [
    'attention',
    'the oldest postback that is due has waited for 61 s',
    overview({ oldest: { ...WELL.oldest, firstAttemptSeconds: 61 } }),
  ],
  [
    'attention',
    'the oldest parked postback was accepted 61 min ago',
    overview({ oldest: { ...WELL.oldest, parkedSeconds: 3_660 } }),
  ],
  ['bad', 'the books do not balance: -2', overview({ unaccounted: -2 })],
  ['attention', '7 postbacks died', overview({ recent: { ...WELL.recent, dead: 7 } })],
  [
    'attention',
    'https://a.example:443 is broken: 9 parked',
    { destinations: [{ destination: 'https://a.example:443', state: 'broken', parked: 9 }] },
  ],
  [
    'attention',
    'the clocks of this machine and of Redis are 5 s apart',
    overview({ at: new Date(NOW - 5_000).toISOString() }),
  ],
  ['attention', 'several versions run: 0.1.0, 0.2.0', overview({ workers: [{ ...WORKER, version: '0.2.0' }] })],
  ['attention', 'several versions run: 0.2.0, 0.1.0', { version: '0.2.0' }],
  ['bad', 'TLS does not answer: ECONNREFUSED', { certificate: { kind: 'fault', detail: 'ECONNREFUSED' } }],
  ['bad', 'the certificate has expired', { certificate: { kind: 'certificate', validTo: NOW - 1 } }],
  [
    'attention',
    'the certificate expires in 13 days',
    { certificate: { kind: 'certificate', validTo: NOW + 13.5 * 86_400_000 } },
  ],
  ['attention', 'HTTP_BIND=0.0.0.0 lets others in, and there is no TLS', { certificate: undefined }],
  [
    'attention',
    'dangerous setting: DURABILITY_CHECK=off',
    figure('postback_risky_setting', 1, { setting: 'DURABILITY_CHECK=off' }),
  ],
])('%s: %s', (level, what, change) => {
  const found = examine({ ...FACTS, ...change });
  expect(found).toEqual([{ level, what: expect.stringContaining(what), next: expect.stringMatching(/./) }]);
});

test.each([
  figure('postback_risky_setting', 0, { setting: 'x' }),
  figure('postback_redis_disk_free_bytes', 3 * 2 ** 30),
  { certificate: undefined, bind: '127.0.0.1' },
  overview({ pause: held, oldest: { ...WELL.oldest, firstAttemptSeconds: 99 } }),
])('what is in order, or follows from something else that is told, is not told: %j', (change) => {
  expect(examine({ ...FACTS, ...change }).length).toBe('overview' in change ? 1 : 0);
});
