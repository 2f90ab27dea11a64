import { timetable } from '../../src/preview/timetable.js';

const terms = { scheduleMs: [1_000, 10_000], attempts: 4, ttlMs: 3_600_000 };

test('the waits add up between the two ends of their jitter, the last step repeating', () => {
  expect(timetable(terms)).toEqual([
    { attempt: 1, earliestSeconds: 0, latestSeconds: 0 },
    { attempt: 2, earliestSeconds: 0.8, latestSeconds: 1.2 },
    { attempt: 3, earliestSeconds: 8.8, latestSeconds: 13.2 },
    { attempt: 4, earliestSeconds: 16.8, latestSeconds: 25.2 },
  ]);
});

test('no attempt is shown that could only begin after the ttl, and none later than it', () => {
  const attempts = timetable({ ...terms, ttlMs: 10_000 });
  expect(attempts.map(({ attempt, latestSeconds }) => [attempt, latestSeconds])).toEqual([
    [1, 0],
    [2, 1.2],
    [3, 10],
  ]);
});
