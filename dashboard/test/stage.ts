/** What the tests of dead letters share: a queue of their own with postbacks in every state, and the application over it. */
import { systemClock } from '@postback/core/clock';
import { parseConfig } from '@postback/core/config';
import { silentLogger } from '@postback/core/logger';
import type { BuriedLetter, DeadLetter } from '@postback/core/queue/deadLetter';
import { createAttempts, type Attempts } from '@postback/core/queue/attempts';
import { createDeadLetters, createRedriveJobs, createWaiting } from '@postback/core/queue/deadLetters';
import { hashEndpoint } from '@postback/core/queue/endpointHash';
import { readEntry, type Postback } from '@postback/core/queue/entry';
import { queueKeys } from '@postback/core/queue/keys';
import { createDestinations, type Destinations } from '@postback/core/queue/destinations';
import { readOverview } from '@postback/core/queue/overview';
import { createStats, type Stats } from '@postback/core/queue/stats';
import { createLookup } from '@postback/core/queue/lookup';
import { createQueue } from '@postback/core/queue/queue';
import { imbalance } from '@postback/core/queue/scripts/books';
import type { RawEntry } from '@postback/core/queue/scripts/read';
import { createRedactor } from '@postback/core/redact/redactor';
import { redactSetting } from '@postback/core/redact/redactSetting';
import type { RedisConnection } from '@postback/core/redis';
import { startTestRedis, type TestRedis } from '@postback/core/testing/redisServer';
import { createFeed, type Feed } from '../src/events/feed.js';
import { createTail } from '../src/events/tail.js';
import { createOverviewReader } from '../src/overview/overviewReader.js';
import { createWatcher } from '../src/status/watcher.js';
import { describedApp } from '../../test/describedApp.js';
import { createRegistry } from '@postback/core/metrics/processMetrics';
import { createDashboardMetrics } from '../src/metrics/dashboardMetrics.js';
import { createApp, type AppDeps } from '../src/app.js';

let round = 0;

export const endpointAt = (host: string) => `{"method":"POST","url":"http://${host}/p?a={a}","defaults":{"n":1e400}}`;

export interface DieOptions {
  readonly host?: string;
  readonly reason?: DeadLetter['reason'];
  readonly endpointJson?: string | null;
  readonly reference?: string;
  readonly lastBody?: string;
  readonly data?: string;
}

export async function setStage(redis: RedisConnection, archiveDirectory = '') {
  const keys = queueKeys(0, `stage-${process.pid}-${round++}`);
  const queue = createQueue(redis, keys);
  const attempts = createAttempts(redis, keys);
  const overview = createOverviewReader({ read: () => readOverview(redis, keys), clock: systemClock });
  const registry = createRegistry({ service: 'dashboard', reasons: () => [] });
  const deps: AppDeps & StageDeps = {
    metrics: createDashboardMetrics({ registry, redis, keys, clock: systemClock }),
    access: { token: '', readToken: '', sessionTtlMs: 60_000 },
    queue,
    waiting: createWaiting(redis, keys),
    lookup: createLookup(redis, keys),
    destinations: createDestinations(redis, keys),
    attempts,
    overview,
    stats: createStats(redis, keys),
    feed: createFeed({ overview, tail: createTail(attempts), periodMs: 50 }),
    watcher: createWatcher({ clock: systemClock }),
    dead: createDeadLetters(redis, keys),
    jobs: createRedriveJobs(redis, keys),
    archiveDirectory,
    wakeRedriver: () => undefined,
    clock: systemClock,
    redactor: createRedactor(parseConfig({ REDACT: redactSetting }, {}).REDACT),
    logger: silentLogger,
    reasons: () => [],
    isStopping: () => false,
  };
  await queue.ensureGroups();

  const accept = (count: number, host = 'partner.example') => {
    const endpointJson = endpointAt(host);
    const data = Array.from({ length: count }, (_, n) => `{"a":${n},"big":12345678901234567890}`);
    return queue.enqueue({ endpointHash: hashEndpoint(endpointJson), endpointJson, data });
  };
  const take = (stream: string = keys.stream) =>
    queue.readNew(redis, { stream, consumer: 'w', count: 10_000, blockMs: 1 });
  const open = (entry: RawEntry): Postback => readEntry(0, entry.streamId, entry.fields);
  const bury = async (entries: readonly RawEntry[], options: DieOptions = {}) => {
    const { host, reason = 'rejected', endpointJson = endpointAt(host ?? 'partner.example') } = options;
    const { reference, lastBody, data } = options;
    const given = { ...(reference ? { reference } : {}), ...(lastBody ? { lastBody } : {}), ...(data ? { data } : {}) };
    for (const entry of entries) {
      const about = { v: 1, reason, detail: 'HTTP 404', endpointJson, ...given };
      await queue.bury({ ...entry, consumer: 'w' }, { ...open(entry), ...about });
    }
  };
  /** Postbacks that were attempted and died. */
  const die = async (count: number, options: DieOptions = {}) => {
    const ids = await accept(count, options.host);
    await bury(await take(), options);
    return ids;
  };
  const letters = async (ids: readonly string[]): Promise<BuriedLetter[]> => {
    const found = await Promise.all(ids.map((id) => deps.dead.find(id)));
    return found.filter((letter) => letter !== undefined);
  };
  return { keys, queue, deps, app: describedApp(createApp(deps)), accept, take, open, bury, die, letters };
}

interface StageDeps {
  readonly attempts: Attempts;
  readonly destinations: Destinations;
  readonly stats: Stats;
  /** Not started. */
  readonly feed: Feed;
}

export type Stage = Awaited<ReturnType<typeof setStage>>;

/** Registers the hooks of a test file: a Redis of its own, a stage for each test, and balanced books afterwards. */
export function useStage(take: (fresh: { stage: Stage; redis: RedisConnection; server: TestRedis }) => void): void {
  let server: TestRedis;
  let redis: RedisConnection;
  let stage: Stage;

  beforeAll(async () => {
    server = await startTestRedis();
    redis = await server.connect();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    stage = await setStage(redis);
    take({ stage, redis, server });
  });
  afterEach(async () => {
    expect(imbalance(await stage.queue.books())).toBe(0);
  });
}
