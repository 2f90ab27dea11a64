import { measureCeiling } from '../src/ceiling.js';
import { preciseNow } from '../src/preciseClock.js';
import { createSink } from '../src/sink/server.js';
import { expectNoOpenSockets } from './fakeStack.js';

test('says what generator and sink do with nothing between', async () => {
  const sink = createSink({ now: preciseNow });
  const url = `http://127.0.0.1:${await sink.start({ host: '127.0.0.1', port: 0 })}`;
  const {
    perSecond,
    generator,
    sink: taking,
  } = await measureCeiling({ sinkControlUrl: url, connections: 4 }, preciseNow);
  expect(perSecond).toBeGreaterThan(1);
  for (const { busyShare, ceilingPerSecond } of [generator, taking]) {
    expect(busyShare).toBeGreaterThan(0);
    // Here the two are one process, so each is charged for both. Busy all the time, it would do more than it did.
    expect(Number(ceilingPerSecond) * busyShare).toBeGreaterThan(perSecond * 0.9);
  }
  await sink.stop();
  await expectNoOpenSockets();
});

test('a sink that is not there is an error, and nothing stays open', async () => {
  await expect(measureCeiling({ sinkControlUrl: 'http://127.0.0.1:9', connections: 1 }, preciseNow)).rejects.toThrow(
    'ECONNREFUSED',
  );
  await expectNoOpenSockets();
});
