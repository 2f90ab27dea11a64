import { silentLogger, type Logger } from '@postback/core/logger';
import { createStatsFlusher } from '@postback/core/stats/flusher';
import { createStatsRecorder } from '@postback/core/stats/recorder';
import { eventually } from '@postback/core/testing/eventually';

function setStage(record: (tally: string | undefined) => Promise<void>) {
  const events: string[] = [];
  const keep = (event: string) => void events.push(event);
  const logger: Logger = { ...silentLogger, warn: keep, info: keep };
  const recorder = createStatsRecorder();
  const clock = { at: 0, monotonic: () => clock.at };
  const left: string[] = [];
  const stats = {
    record: (increment: { tally: string } | undefined) => record(increment?.tally),
    leave: (name: string) => Promise.resolve(void left.push(name)),
  };
  const beat = () => ({ name: 'w', version: '1', startedAt: 1, slots: 1, busy: 0, reasons: [] });
  const flusher = createStatsFlusher({ recorder, stats, logger, clock, beat, periodMs: 5 });
  return { recorder, clock, flusher, events, left };
}

test('what was counted is sent, the rest when it stops; then the worker takes its leave', async () => {
  const sent: (string | undefined)[] = [];
  const { recorder, flusher, left } = setStage((tally) => Promise.resolve(void sent.push(tally)));
  recorder.accepted(1);
  flusher.start();
  await eventually('the first is sent', () => sent.includes('a=1'));
  await eventually('it says that it lives', () => sent.includes(undefined));
  recorder.accepted(2);
  await flusher.stop();
  expect(sent.filter(Boolean)).toEqual(['a=1', 'a=2']);
  expect(left).toEqual(['w']);
});

test('what Redis refuses is dropped and counted, said once, and not sent again', async () => {
  let isAway = true;
  const sent: (string | undefined)[] = [];
  const { recorder, flusher, events } = setStage((tally) => {
    if (isAway) return Promise.reject(new Error('away'));
    return Promise.resolve(void sent.push(tally));
  });
  flusher.start();
  recorder.accepted(1);
  await eventually('one is dropped', () => flusher.dropped() === 1);
  recorder.accepted(1);
  await eventually('another one is', () => flusher.dropped() === 2);
  isAway = false;
  recorder.accepted(5);
  await eventually('it is back', () => sent.includes('a=5'));
  await flusher.stop();
  expect(sent.filter(Boolean)).toEqual(['a=5']);
  expect(events).toEqual(['stats.dropping', 'stats.kept_again']);
});

test('what had to wait too long is dropped instead of standing in the wrong minute', async () => {
  const sent: (string | undefined)[] = [];
  let answer: () => void = () => undefined;
  let isStuck = true;
  const { recorder, clock, flusher } = setStage((tally) => {
    sent.push(tally);
    return isStuck ? new Promise((resolve) => (answer = resolve)) : Promise.resolve();
  });
  recorder.accepted(1);
  flusher.start();
  await eventually('the first is under way', () => sent.length === 1);
  recorder.accepted(2);
  clock.at += 30_000;
  isStuck = false;
  answer();
  await eventually('it goes on', () => sent.length > 2);
  expect(flusher.dropped()).toBe(1);
  recorder.accepted(3);
  await flusher.stop();
  expect(sent.filter(Boolean)).toEqual(['a=1', 'a=3']);
});

test('a Redis that never answers does not hold up the stop', async () => {
  const { recorder, flusher } = setStage(() => new Promise(() => undefined));
  recorder.accepted(1);
  flusher.start();
  const startedAt = performance.now();
  await flusher.stop();
  expect(performance.now() - startedAt).toBeLessThan(15_000);
});
