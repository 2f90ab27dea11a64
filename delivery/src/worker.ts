/**
 * The delivery worker: two consumers (first attempts, retries), the claimer, the promoter and the releaser around one set of
 * slots.
 *
 * Stopping, in this order: nothing more is read or claimed; attempts under way finish until the deadline; what is left is
 * aborted and handed back without counting the attempt; deliveries are settled; the consumer is removed if it holds nothing.
 * If it dies instead, everything it held stays pending in Redis and another worker claims it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { longestAttemptMs } from '@postback/core/attemptSettings';
import type { Logger } from '@postback/core/logger';
import { createQueue } from '@postback/core/queue/queue';
import type { QueueKeys } from '@postback/core/queue/keys';
import { pausedMsBetween } from '@postback/core/queue/scripts/pause';
import type { RawEntry } from '@postback/core/queue/scripts/read';
import type { RedisConnection } from '@postback/core/redis';
import { createSecretFiles } from '@postback/core/secrets/secretFiles';
import type { Registry } from 'prom-client';
import { VERSION } from '@postback/core/version';
import { createAttempts } from '@postback/core/queue/attempts';
import { attemptLimits } from '@postback/core/queue/keptAttemptsSettings';
import { createRedactor } from '@postback/core/redact/redactor';
import { createAttemptKeeper } from './attemptKeeper.js';
import { createAttemptRoom } from './attemptRoom.js';
import { createAttemptReporter } from './attemptReporter.js';
import { createClaimer } from './claimer.js';
import { breakerRules, maxWaitMs, type DeliveryConfig } from './config.js';
import { buryPoison, spare } from './bury.js';
import { createConsumer } from './consumer.js';
import { deliver, type DeliverDeps } from './deliver.js';
import { createHostsFile } from './dns/hostsFile.js';
import { createNames } from './dns/names.js';
import { createQuery } from './dns/queryName.js';
import { createEndpoints } from './endpoints.js';
import { createFairness } from './fair/fairness.js';
import { createHand, type Errand } from './fair/hand.js';
import { createPace } from './fair/pace.js';
import { createGate } from './gate.js';
import { createGuard } from './guard.js';
import { createHolding } from './holding.js';
import { createHttpClient } from './http/client.js';
import { createAttemptMetrics } from './metrics/attemptMetrics.js';
import { countMoves } from './metrics/countedQueue.js';
import { watchWorker } from './metrics/workerMetrics.js';
import { defaultPolicy } from './policy.js';
import { createPauseWatcher } from './pauseWatcher.js';
import { createPromoter } from './promoter.js';
import { createRedisClock } from './redisClock.js';
import { keepsBody } from './responseBody.js';
import { createSettler } from './settler.js';
import { createStatistics } from './statistics.js';
import { untilAnswered } from './untilAnswered.js';

export interface WorkerDeps {
  readonly config: DeliveryConfig;
  readonly keys: QueueKeys;
  /** Unique per process start. */
  readonly consumer: string;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Makes a connection that is not connected yet. `blocking` ones serve one blocking reader. */
  readonly connect: (name: string, blocking: boolean) => RedisConnection;
  /** A bug or a broken Redis: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

export interface Worker {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Why it cannot work now; empty when it can. */
  reasons(): readonly string[];
}

const MAX_URL_BYTES = 8 * 1024;
/** A build that crashes on every entry dead-letters so many, whatever the number of restarts; the next day counts anew. */
const POISON_LIMIT = { version: VERSION, limit: 10, windowMs: 86_400_000 };
/** How long settling may take at the end, when Redis does not answer. */
const GIVE_UP_MS = 2_000;

export function createWorker(deps: WorkerDeps): Worker {
  const { config, keys, consumer, logger, connect, onFatal, metrics } = deps;
  const redis = connect('commands', false);
  const subscriber = connect('wake', false);
  const readers = { first: connect('reader', true), retry: connect('reader-retries', true) };
  const queue = countMoves(createQueue(redis, keys), metrics);
  const clock = createRedisClock(queue);
  const hand = createHand(config.DELIVERY_CONCURRENCY, () => fairness.turns.running());
  const http = createHttpClient({
    timeoutMs: longestAttemptMs(config),
    connections: config.DELIVERY_CONCURRENCY,
    allowedTargets: config.ALLOWED_TARGETS,
    proxy: config.EGRESS_PROXY,
    ...createNames({
      query: createQuery({ timeoutMs: config.DNS_TIMEOUT, servers: config.DNS_SERVERS }),
      hosts: createHostsFile(),
      timeoutMs: config.DNS_TIMEOUT,
    }),
  });
  const guard = createGuard({ logger, clock: clock });
  const pause = createPauseWatcher({ queue, version: VERSION, logger });
  const gate = createGate({ guard, pause, hand });
  const secrets = createSecretFiles({ directory: config.SECRETS_DIR, logger });
  const newerFormats = new Set<number>();
  let connectedAt = performance.now();
  let stopping = false;
  let givenUp = false;
  let requestStop: () => void = () => undefined;
  const stopRequested = new Promise<void>((resolve) => (requestStop = resolve));
  const isGivenUp = () => givenUp;
  const attempts = createAttempts(redis, keys);
  const attemptRoom = createAttemptRoom(redis, attemptLimits(config));
  const keeper = createAttemptKeeper({ attempts, limits: attemptRoom.limits, logger, clock });
  const onError = (error: unknown) => givenUp || onFatal(error);
  const holding = createHolding(onError);
  const settler = createSettler({
    queue,
    isGivenUp,
    beforeSend: keeper.flush,
    onError,
  });
  const fairness = createFairness({
    queue,
    capacity: config.DELIVERY_CONCURRENCY,
    maxWaitMs: maxWaitMs(config),
    longestAttemptMs: longestAttemptMs(config),
    ttlMs: config.TTL,
    rules: breakerRules(config),
    rates: { rate: config.DESTINATION_RATE, byHost: new Map(config.DESTINATION_RATES) },
    gate,
    isOwnFault: () => guard.pausedBecause() !== undefined,
    isGivenUp,
    logger,
    clock,
    onError,
  });
  const { conditions, turns } = fairness;
  watchWorker(metrics, { capacity: config.DELIVERY_CONCURRENCY, hand, turns, settler, keeper, guard, pause });
  const busy = () => turns.running();
  const about = { name: consumer, slots: config.DELIVERY_CONCURRENCY, busy, reasons: () => reasons() };
  const statistics = createStatistics({ redis, keys, logger, about, countAttempt: createAttemptMetrics(metrics) });

  const keepsAnswer = keepsBody(config.LOG_RESPONSE_BODY);
  const redactor = createRedactor(config.REDACT);
  const deliverDeps: DeliverDeps = {
    queue,
    consumer,
    endpoints: createEndpoints(queue, { defaultValue: config.DEFAULT_VALUE, maxUrlBytes: MAX_URL_BYTES }),
    http,
    settler,
    policy: defaultPolicy(config),
    signingKeys: config.SIGNING_SECRETS,
    secrets,
    logger,
    stats: statistics.recorder,
    report: createAttemptReporter({ logger, keeper, redactor, keepsBody: keepsAnswer, observe: statistics.observe }),
    keepsBody: keepsAnswer,
    clock,
    pausedMsSince: (from, destination) =>
      pausedMsBetween(pause.pauses(), from, clock.now()) + conditions.pausedMsSince(destination, from),
    admission: fairness.admission,
    parker: fairness.parker,
    holds: fairness.holds,
    guard,
    onNewerFormat: (format) => {
      if (!newerFormats.has(format)) logger.error('queue.newer_entries', { format, detail: newerReason(format) });
      newerFormats.add(format);
    },
    isStopping: () => stopping || pause.current() !== undefined,
    isGivenUp,
  };
  const take = (entry: RawEntry) => holding.hold(entry, (errand: Errand) => deliver(entry, deliverDeps, errand));

  const pace = createPace({ loopTimes: () => performance.eventLoopUtilization(), now: () => clock.monotonic() });
  const shared = { queue, consumer, hand, gate, pace, logger, take };
  const consumers = [
    createConsumer({ ...shared, reader: readers.first, stream: keys.stream, lane: 'first' }),
    createConsumer({ ...shared, reader: readers.retry, stream: keys.retries, lane: 'retry' }),
  ];
  const promoter = createPromoter({ queue, logger });
  const claimer = createClaimer({
    ...shared,
    idleMs: config.CLAIM_IDLE,
    isHeld: (entry) => holding.has(entry),
    buryPoison: async (entry) => {
      const end = (await queue.countPoison(POISON_LIMIT)) ? buryPoison : spare;
      await holding.hold(entry, () => end(entry, deliverDeps))();
      await pause.refresh();
    },
    confirmed: () => Promise.race([settler.confirmed(), stopRequested]), // a stop does not wait for a Redis that is gone
    connectedAt: () => connectedAt,
  });
  const loops = [...consumers, promoter, claimer, pause, clock.loop, attemptRoom.loop, ...fairness.loops];

  /** Without Redis nothing can be settled or handed back: what is held stays pending and is claimed. So it does not wait long. */
  async function drain(): Promise<void> {
    const ended = Promise.all([...[...loops, secrets].map((loop) => loop.stop()), hand.whenIdle()]);
    const patienceMs = redis.isReady() ? config.SHUTDOWN_TIMEOUT : Math.min(config.SHUTDOWN_TIMEOUT, GIVE_UP_MS);
    await Promise.race([ended, sleep(patienceMs, undefined, { ref: false })]);
    if (hand.busy() > 0) logger.warn('worker.handing_back', { count: hand.busy() });
    http.abortAll();
    await Promise.race([ended.then(() => settler.flush()), sleep(GIVE_UP_MS, undefined, { ref: false })]);
    givenUp = true;
  }

  async function removeConsumer(): Promise<void> {
    const which = { silentMs: 0, only: consumer };
    await Promise.allSettled([keys.stream, keys.retries].map((stream) => queue.removeConsumers(stream, which)));
  }

  function reasons(): readonly string[] {
    if (!redis.isReady()) return ['Redis cannot be reached'];
    return [...(stopping ? ['the service is stopping'] : []), ...gate.reasons(), ...[...newerFormats].map(newerReason)];
  }

  return {
    reasons,
    start: async () => {
      redis.onReady(() => (connectedAt = performance.now()));
      await Promise.all([redis, subscriber, readers.first, readers.retry].map((connection) => connection.connect()));
      await untilAnswered(() => queue.ensureGroups(), isGivenUp);
      await untilAnswered(() => clock.synchronize(), isGivenUp);
      await untilAnswered(() => conditions.refreshAll(), isGivenUp);
      await untilAnswered(() => pause.refresh(), isGivenUp); // a stack that was restored must not begin by delivering
      await subscriber.subscribe(keys.wake, () => promoter.wake());
      await subscriber.subscribe(keys.pauseChanged, (message) => {
        if (message === '0') guard.resume();
        pause.wake();
      });
      await secrets.refresh();
      await subscriber.subscribe(keys.destinationsChanged, (name) => void conditions.refresh(name).catch(onError));
      for (const loop of [...loops, secrets, statistics.flusher]) loop.start();
    },
    stop: async () => {
      stopping = true;
      requestStop();
      guard.close();
      hand.close();
      fairness.turns.clear();
      await drain();
      await statistics.flusher.stop();
      if (redis.isReady()) await removeConsumer();
      await http.close();
      for (const connection of [readers.first, readers.retry, subscriber]) connection.destroy();
      await redis.close();
    },
  };
}

function newerReason(format: number): string {
  return `entries of format ${format} found: this version is older than what wrote them`;
}
