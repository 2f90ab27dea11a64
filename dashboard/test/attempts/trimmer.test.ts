import { silentLogger } from '@postback/core/logger';
import { createAttempts } from '@postback/core/queue/attempts';
import { eventually } from '@postback/core/testing/eventually';
import type { RedisConnection } from '@postback/core/redis';
import { createAttemptTrimmer } from '../../src/attempts/trimmer.js';
import { useStage, type Stage } from '../stage.js';

let stage: Stage;
let redis: RedisConnection;

useStage((fresh) => void ({ stage, redis } = fresh));

const LIMITS = { count: { failed: 1_000, delivered: 1_000 }, bytes: 1e9 };

test('attempts that are too old go without new ones coming, and errors do not end it', async () => {
  const attempts = createAttempts(redis, stage.keys);
  const block = { kind: 'failed' as const, count: 1, index: ',5-0,', rows: '{"i":"0-5-0"}' };
  await attempts.keep(
    Array.from({ length: 300 }, () => block),
    { ...LIMITS, maxAgeMs: 1_000 },
  );
  let calls = 0;
  const trimmer = createAttemptTrimmer({
    attempts: {
      trim: (limits) => (++calls === 1 ? Promise.reject(new Error('the connection was lost')) : attempts.trim(limits)),
    },
    limits: { ...LIMITS, maxAgeMs: 1_000 },
    logger: silentLogger,
    periodMs: 20,
  });
  trimmer.start();
  await eventually(
    'all have gone',
    async () => (await redis.send('', ['XLEN', stage.keys.attempts.failed.blocks])) === 0,
  );
  await trimmer.stop();
});
