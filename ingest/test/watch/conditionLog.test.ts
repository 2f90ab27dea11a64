import { silentLogger, type Fields } from '@postback/core/logger';
import { conditionLog } from '../../src/watch/conditionLog.js';
import type { Condition } from '../../src/watch/conditions.js';

const DISK: Condition = { name: 'disk-free', detail: 'little', refusal: 'storage-low' };
const MEMORY: Condition = { name: 'memory', detail: 'little', refusal: 'memory-low' };
const NOTED: Condition = { name: 'fork-room', detail: 'little' };

let now = 0;
let lines: { level: string; event: string; fields: Fields }[];
const at =
  (level: string) =>
  (event: string, fields: Fields = {}) =>
    void lines.push({ level, event, fields });
const start = () =>
  conditionLog({
    logger: { ...silentLogger, info: at('info'), warn: at('warn'), error: at('error') },
    clock: { now: () => 0, monotonic: () => now },
  });
beforeEach(() => {
  lines = [];
});

test('a condition is logged once when it starts and once when it ends, with its length', () => {
  const report = start();
  for (now of [1_000, 2_000, 3_000]) report([DISK]);
  now = 4_500;
  report([]);
  report([]);
  expect(lines).toEqual([
    {
      level: 'error',
      event: 'redis.condition_started',
      fields: { condition: 'disk-free', detail: 'little', refuses: 'storage-low' },
    },
    { level: 'info', event: 'redis.condition_ended', fields: { condition: 'disk-free', lasted_ms: 3_500 } },
  ]);
});

test('several are followed apart; only what an operator must mend is an error', () => {
  const report = start();
  report([MEMORY, NOTED]);
  report([DISK, NOTED]);
  expect(lines.map(({ level, fields }) => [level, fields['condition']])).toEqual([
    ['warn', 'memory'],
    ['warn', 'fork-room'],
    ['error', 'disk-free'],
    ['info', 'memory'],
  ]);
});
