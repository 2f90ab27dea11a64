import { createAttempts, type Attempts } from '@postback/core/queue/attempts';
import { indexOf, indexTokens, packAttempt, unpackAttempt, type KeptAttempt } from '@postback/core/queue/keptAttempt';
import type { AttemptKind } from '@postback/core/queue/keys';
import type { Queue } from '@postback/core/queue/queue';
import type { AttemptBlock, AttemptLimits } from '@postback/core/queue/scripts/keepAttempts';
import type { RedisConnection } from '@postback/core/redis';
import { useTestQueue } from './testQueue.js';

let redis: RedisConnection;
let queue: Queue;
let attempts: Attempts;

useTestQueue((fresh) => {
  ({ redis, queue } = fresh);
  attempts = createAttempts(redis, queue.keys);
});

const PLENTY: AttemptLimits = { count: { failed: 1_000, delivered: 1_000 }, bytes: 1e9, maxAgeMs: 3_600_000 };
const send = (...args: string[]) => redis.send('', args);

const attemptOf = (id: string, more: Partial<KeptAttempt> = {}): KeptAttempt => ({
  id,
  endedAt: 1_795_473_689_477,
  attempt: 1,
  maxAttempts: 3,
  outcome: 'retry',
  code: 503,
  destination: 'http://p.example:80',
  method: 'GET',
  url: 'http://p.example/?a=1',
  totalMs: 1.5,
  ...more,
});

const blockOf = (kind: AttemptKind, ...all: KeptAttempt[]): AttemptBlock => ({
  kind,
  count: all.length,
  index: `${all.map(indexOf).join('')},`,
  rows: all.map(packAttempt).join('\n'),
});

const kept = async () => {
  const flat = (await send('HGETALL', queue.keys.attemptsKept)) as string[];
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, Number(flat[at + 1])]] : [])));
};
/** Blocks and rows of a kind: they come and go together. */
const sizes = (kind: AttemptKind) =>
  Promise.all([send('XLEN', queue.keys.attempts[kind].blocks), send('HLEN', queue.keys.attempts[kind].rows)]);

test('a row keeps all that is known, and what is no row is none', () => {
  const full: Required<KeptAttempt> = {
    ...attemptOf('0-5-0'),
    reference: 'order "7"',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    error: 'reset',
    deadReason: 'expired',
    nextInMs: 5,
    queueWaitMs: 1,
    dnsMs: 2,
    connectMs: 3,
    firstByteMs: 4,
    responseBody: 'line\nline',
    isTruncated: true,
  };
  expect(packAttempt(full)).not.toContain('\n');
  expect(unpackAttempt(packAttempt(full))).toEqual(full);
  expect(unpackAttempt(packAttempt(attemptOf('0-5-0')))).toEqual(attemptOf('0-5-0'));
  expect(unpackAttempt('')).toBeUndefined();
  expect(unpackAttempt('{}')).toBeUndefined();
});

test('attempts are found by the postback, and by no id that begins alike', async () => {
  await attempts.keep([blockOf('failed', attemptOf('0-5-1'), attemptOf('0-5-10'), attemptOf('0-5-11'))], PLENTY);
  const second = attemptOf('0-5-1', { attempt: 2, endedAt: 1_795_473_689_999, outcome: 'delivered', code: 200 });
  await attempts.keep([blockOf('delivered', attemptOf('0-5-10', { outcome: 'delivered' }), second)], PLENTY);
  expect(await attempts.of('0-5-1')).toEqual([attemptOf('0-5-1'), second]);
  expect(await attempts.of('0-5-11')).toHaveLength(1);
  expect(await attempts.of('0-5-2')).toEqual([]);
});

test('a search by reference finds its blocks, newest first, a page at a time', async () => {
  for (let n = 0; n < 5; n++) {
    const reference = n % 2 === 0 ? 'order 7' : 'order 8';
    await attempts.keep([blockOf('failed', attemptOf(`0-5-${n}`), attemptOf(`0-6-${n}`, { reference }))], PLENTY);
  }
  const tokens = indexTokens({ reference: 'order 7' });
  const first = await attempts.search({ kind: 'failed', from: '+', until: '-', count: 3, tokens });
  expect(first.blockIds).toHaveLength(2);
  const next = await attempts.search({ kind: 'failed', from: first.next ?? '', until: '-', count: 3, tokens });
  expect(next).toEqual({ blockIds: [expect.any(String)], next: undefined });
  const [newest] = await attempts.read('failed', first.blockIds);
  expect(newest?.rows.map((row) => unpackAttempt(row)?.id)).toEqual(['0-5-4', '0-6-4']);
});

describe('what is beyond the limits', () => {
  test('by number goes, whole blocks with their index, the other kind stays', async () => {
    const few = { ...PLENTY, count: { failed: 10, delivered: 1_000 } };
    for (let n = 0; n < 30; n++) {
      const delivered = blockOf('delivered', attemptOf(`0-6-${n}`, { outcome: 'delivered' }));
      await attempts.keep([blockOf('failed', attemptOf(`0-5-${n}`), attemptOf(`0-7-${n}`)), delivered], few);
    }
    expect(await sizes('failed')).toEqual([5, 5]);
    expect(await sizes('delivered')).toEqual([30, 30]);
    expect(await kept()).toMatchObject({ 'failed:rows': 10, 'delivered:rows': 30 });
    expect(await attempts.of('0-5-24')).toEqual([]);
    expect(await attempts.of('0-5-25')).toHaveLength(1);
  });

  test('by bytes goes', async () => {
    const responseBody = 'x'.repeat(1_000);
    for (let n = 0; n < 30; n++) {
      await attempts.keep([blockOf('failed', attemptOf(`0-5-${n}`, { responseBody }))], { ...PLENTY, bytes: 10_000 });
    }
    const [blocks] = await sizes('failed');
    expect(blocks).toBeGreaterThan(3);
    expect(blocks).toBeLessThan(10);
    expect((await kept())['failed:bytes']).toBeLessThanOrEqual(10_000);
  });

  test('by age goes in steps, and the counters end at zero', async () => {
    const many = Array.from({ length: 250 }, (_, n) => blockOf('failed', attemptOf(`0-5-${n}`)));
    await attempts.keep(many, PLENTY);
    await attempts.keep([blockOf('delivered', attemptOf('0-6-0', { outcome: 'delivered' }))], PLENTY);
    expect(await attempts.trim(PLENTY)).toBe(0);
    let gone = 0;
    for (let step = 1; step !== 0;) gone += step = await attempts.trim({ ...PLENTY, maxAgeMs: -2_000 });
    expect(gone).toBe(251);
    expect(await sizes('failed')).toEqual([0, 0]);
    expect(await sizes('delivered')).toEqual([0, 0]);
    expect(Object.values(await kept())).toEqual([0, 0, 0, 0]);
  });
});

test('erasing takes the rows of one postback out of their blocks and leaves their neighbours', async () => {
  await attempts.keep([blockOf('failed', attemptOf('0-5-1'), attemptOf('0-5-10'), attemptOf('0-5-1'))], PLENTY);
  await attempts.keep([blockOf('delivered', attemptOf('0-5-1', { outcome: 'delivered' }))], PLENTY);
  expect(await attempts.erase('0-5-1')).toBe(3);
  expect(await attempts.of('0-5-1')).toEqual([]);
  expect(await attempts.of('0-5-10')).toHaveLength(1);
  expect(await attempts.erase('0-5-1')).toBe(0);
  for (let step = 1; step !== 0;) step = await attempts.trim({ ...PLENTY, maxAgeMs: -2_000 });
  expect(Object.values(await kept())).toEqual([0, 0, 0, 0]);
});

test('at maxmemory nothing is kept, half kept or moved out of the way; trimming and erasing work', async () => {
  await attempts.keep([blockOf('failed', attemptOf('0-5-1'), attemptOf('0-5-2'))], PLENTY);
  const before = await kept();
  const used = /used_memory:(\d+)/.exec((await send('INFO', 'memory')) as string)?.[1];
  await send('CONFIG', 'SET', 'maxmemory', String(Number(used) - 1_000));
  try {
    const more = blockOf('failed', attemptOf('0-5-3'));
    await expect(attempts.keep([more], { ...PLENTY, count: { failed: 0, delivered: 0 } })).rejects.toThrow(/^OOM/);
    expect(await kept()).toEqual(before);
    expect(await attempts.erase('0-5-1')).toBe(1);
    expect(await attempts.of('0-5-2')).toHaveLength(1);
    expect(await attempts.trim({ ...PLENTY, maxAgeMs: -2_000 })).toBe(2);
  } finally {
    await send('CONFIG', 'SET', 'maxmemory', '0');
  }
});

test('an attempt of 200 B costs at most 350 B in blocks of ten', async () => {
  const memory = async () => Number(/used_memory:(\d+)/.exec((await send('INFO', 'memory')) as string)?.[1]);
  const before = await memory();
  for (let block = 0; block < 300; block++) {
    const rows = Array.from({ length: 10 }, (_, n) => attemptOf(`0-1795473689477-${block * 10 + n}`));
    await attempts.keep([blockOf('failed', ...rows)], { ...PLENTY, count: { failed: 1e6, delivered: 0 } });
  }
  expect(((await memory()) - before) / 3_000).toBeLessThan(350);
});
