import { createLifecycle } from '@postback/core/lifecycle';
import { silentLogger } from '@postback/core/logger';

test('stops what was started last first, all of it, even if one stop throws', async () => {
  const lifecycle = createLifecycle(silentLogger);
  const stopped: string[] = [];
  lifecycle.onStop('first', () => void stopped.push('first'));
  lifecycle.onStop('broken', () => {
    stopped.push('broken');
    throw new Error('cannot stop');
  });
  lifecycle.onStop('last', async () => {
    await Promise.resolve();
    stopped.push('last');
  });
  await lifecycle.stop('test');
  expect(stopped).toEqual(['last', 'broken', 'first']);
});

test('is stopping before the first stop runs, and stops once however often it is asked', async () => {
  const lifecycle = createLifecycle(silentLogger);
  const seen: boolean[] = [];
  lifecycle.onStop('one', () => void seen.push(lifecycle.isStopping()));
  expect(lifecycle.isStopping()).toBe(false);
  await Promise.all([lifecycle.stop('a'), lifecycle.stop('b')]);
  expect(seen).toEqual([true]);
});
