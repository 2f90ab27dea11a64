/**
 * What the instrument can do with nothing between: the generator posts straight at the sink, which takes each request as a delivery.
 * A run of the stack whose figures come near these measures the instrument.
 */
import { randomBytes } from 'node:crypto';
import { generate } from './generator/generate.js';
import type { LoadOptions } from './generator/options.js';
import { createPoster } from './generator/post.js';
import { createSinkClient } from './generator/sinkClient.js';
import { createBodyBuilder } from './generator/workload.js';
import type { PreciseClock } from './preciseClock.js';
import { effortOf, ownCpuMs, type Ceiling } from './report/instrument.js';

export type CeilingOptions = Pick<LoadOptions, 'sinkControlUrl' | 'connections'>;

/** Compiled code first. */
const WARM_UP_MS = 500;
export const CEILING_MS = 1_000;
const OVER_HTTP = { requests: null, rate: null, data: 1 };

/** @throws SinkError when there is no sink */
export async function measureCeiling(options: CeilingOptions, now: PreciseClock): Promise<Ceiling> {
  const { sinkControlUrl, connections } = options;
  const run = randomBytes(4).toString('hex');
  const sink = createSinkClient(sinkControlUrl);
  const poster = createPoster({ url: `${sinkControlUrl}/postback/${run}`, apiKey: '', connections });
  const buildBody = createBodyBuilder({ run, method: 'POST', data: 1, sinkUrl: sinkControlUrl });
  const post = (durationMs: number, firstSeq: number) =>
    generate({ ...OVER_HTTP, durationMs, connections, firstSeq }, { post: poster.post, buildBody, now });
  try {
    await sink.open(run, { dropShare: 0, duplicateShare: 0, delayMs: 0 });
    const warmUp = await post(WARM_UP_MS, 0);
    const before = { own: ownCpuMs(), sink: await sink.status(run), at: now() };
    const { length } = await post(CEILING_MS, warmUp.length);
    const wallMs = now() - before.at;
    const after = await sink.status(run);
    return {
      perSecond: (length * 1_000) / wallMs,
      generator: effortOf({ count: length, cpuMs: ownCpuMs() - before.own, wallMs }),
      sink: effortOf({ count: after.arrivals - before.sink.arrivals, cpuMs: after.cpuMs - before.sink.cpuMs, wallMs }),
    };
  } finally {
    await sink.remove(run).catch(() => undefined); // a sink that has gone away was reported already
    await Promise.all([poster.close(), sink.close()]);
  }
}
