import {
  judgeMemory,
  judgeSettings,
  judgeStorage,
  unreadyReasons,
  type Durability,
} from '../../src/watch/conditions.js';

const SAFE = { appendonly: 'yes', appendfsync: 'always', maxmemoryPolicy: 'noeviction', maxmemoryBytes: 2 ** 29 };
const HEALTHY = {
  isLoading: false,
  usedMemoryBytes: 100,
  maxmemoryBytes: 1_000,
  systemMemoryBytes: 10_000,
  isAofOn: true,
  isLastWriteOk: true,
  isLastRewriteOk: true,
};

test('what is as safe as promised, or safer, is in order', () => {
  expect(judgeSettings('always', SAFE)).toEqual([]);
  expect(judgeSettings('everysec', SAFE)).toEqual([]);
  expect(judgeSettings('everysec', { ...SAFE, appendfsync: 'everysec' })).toEqual([]);
});

test.each<[Durability, Partial<typeof SAFE>, string]>([
  ['always', { appendonly: 'no' }, 'appendonly no'],
  ['always', { appendfsync: 'everysec' }, 'appendfsync everysec'],
  ['always', { appendfsync: 'no' }, 'appendfsync no'],
  ['everysec', { appendfsync: 'no' }, 'appendfsync no'],
  ['everysec', { appendonly: 'no' }, 'appendonly no'],
  ['always', { maxmemoryPolicy: 'allkeys-lru' }, 'maxmemory-policy allkeys-lru'],
  ['always', { maxmemoryPolicy: 'volatile-ttl' }, 'maxmemory-policy volatile-ttl'],
  ['always', { maxmemoryBytes: 0 }, 'maxmemory 0'],
])('DURABILITY=%s with %j is unmet, and the setting is named', (durability, weaker, named) => {
  expect(judgeSettings(durability, { ...SAFE, ...weaker })).toEqual([
    expect.objectContaining({ refusal: 'durability-unmet', detail: expect.stringContaining(`Redis has ${named}`) }),
  ]);
});

test('all that is unmet is named at once', () => {
  expect(judgeSettings('always', { ...SAFE, appendonly: 'no', maxmemoryPolicy: 'allkeys-lfu' })).toHaveLength(2);
});

test('memory is shed from the limit on, and until it has fallen a little below it', () => {
  const at = (usedMemoryBytes: number, isShedding: boolean) =>
    judgeMemory({ ...HEALTHY, usedMemoryBytes }, 75, isShedding).length > 0;
  expect(at(749, false)).toBe(false);
  expect(at(750, false)).toBe(true);
  expect(at(740, true)).toBe(true);
  expect(at(729, true)).toBe(false);
});

test('a maxmemory without room for the fork is noted and refuses nothing', () => {
  const [condition] = judgeMemory({ ...HEALTHY, systemMemoryBytes: 1_599 }, 75, false);
  expect(condition).toMatchObject({ name: 'fork-room' });
  expect(condition?.refusal).toBeUndefined();
  expect(judgeMemory({ ...HEALTHY, systemMemoryBytes: 1_600 }, 75, false)).toEqual([]);
});

test('storage is low with too little space or after a failed write; a failed rewrite is only noted', () => {
  const limits = { minFreeBytes: 100, freeBytes: 100 };
  expect(judgeStorage(HEALTHY, limits)).toEqual([]);
  expect(judgeStorage(HEALTHY, { ...limits, freeBytes: undefined })).toEqual([]);
  expect(judgeStorage(HEALTHY, { ...limits, freeBytes: 99 })).toMatchObject([{ refusal: 'storage-low' }]);
  expect(judgeStorage({ ...HEALTHY, isLastWriteOk: false }, limits)).toMatchObject([{ refusal: 'storage-low' }]);
  expect(unreadyReasons(judgeStorage({ ...HEALTHY, isLastRewriteOk: false }, limits))).toEqual([]);
});

test('short memory does not make the service unready, a broken promise does', () => {
  expect(unreadyReasons(judgeMemory({ ...HEALTHY, usedMemoryBytes: 999 }, 75, false))).toEqual([]);
  expect(unreadyReasons(judgeSettings('always', { ...SAFE, appendonly: 'no' }))).toHaveLength(1);
});
