/**
 * Connections to Redis. Two temperaments: a producer *fails fast* (a command that cannot be sent now is refused, none is kept
 * waiting longer than its deadline), a worker *waits* (commands queue until Redis is back). An outage is logged once when it
 * starts and once when it ends, with its length. A connection that stays silent is destroyed and made again.
 */
import { createClient, ErrorReply } from 'redis';
import type { Clock } from './clock.js';
import { systemClock } from './clock.js';
import type { Logger } from './logger.js';
import type { RedisSender } from './queue/script.js';

/** A silent socket is given up after this long; pings keep a healthy one from being silent. */
const SILENCE_MS = 5_000;
const PING_MS = 2_000;
const RECONNECT_MAX_MS = 500;

export interface RedisOptions {
  readonly url: string;
  readonly password: string;
  /** Shown in Redis's CLIENT LIST and in the log. */
  readonly name: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Refuse commands while disconnected instead of queueing them. */
  readonly failFast?: boolean;
  /** Commands waiting for their answer, at most; one more is refused at once. */
  readonly maxQueued?: number;
  /** For connections that block: no pings, since they would queue behind the blocking command. */
  readonly blocking?: boolean;
}

export interface RedisConnection extends RedisSender {
  isReady(): boolean;
  /** Called at each (re)connect, the first included. */
  onReady(listener: () => void): void;
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  /** Resolves once the connection is ready; waits for as long as it takes. */
  connect(): Promise<void>;
  /** Sends what is queued, then ends. */
  close(): Promise<void>;
  /** Ends at once; commands without an answer are rejected. */
  destroy(): void;
}

export function createRedis(options: RedisOptions): RedisConnection {
  const { url, password, name, failFast = false, blocking = false } = options;
  const client = createClient({
    RESP: 2,
    ...account(url, password),
    name,
    disableOfflineQueue: failFast,
    commandOptions: { timeout: 0 }, // the default makes an AbortSignal per command; deadlines are ours to keep
    socket: {
      connectTimeout: 2_000,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 8), RECONNECT_MAX_MS),
    },
    ...(blocking ? {} : { pingInterval: PING_MS }),
    ...(options.maxQueued === undefined ? {} : { commandsQueueMaxLength: options.maxQueued }),
  });
  logOutages(client, options);
  return {
    send: (_key, args) => client.sendCommand(args),
    isReady: () => client.isReady,
    onReady: (listener) => void client.on('ready', listener),
    subscribe: (channel, listener) => client.subscribe(channel, listener),
    connect: () => client.connect().then(() => undefined),
    close: async () => {
      if (client.isReady) await client.close();
      else if (client.isOpen) client.destroy();
    },
    destroy: () => {
      if (client.isOpen) client.destroy();
    },
  };
}

/** The client takes user and password from the URL or neither: a user there with a password from elsewhere is put together here. */
function account(url: string, password: string) {
  const { username, password: inUrl } = new URL(url);
  if (password === '' || inUrl !== '') return { url };
  if (username === '') return { url, password };
  const anonymous = new URL(url);
  anonymous.username = '';
  return { url: anonymous.href, username: decodeURIComponent(username), password };
}

/** Redis answered, with an error; whatever else a command throws comes from its connection. */
export function isErrorReply(error: unknown): error is Error {
  return error instanceof ErrorReply;
}

/** Replies that mean "not now": the server is starting, failing over, or cannot write. */
const PASSING = /^(LOADING|BUSY|MASTERDOWN|READONLY|MISCONF|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|OOM)\b/;

/** True for a lost connection and for replies that say "not now". */
export function isPassing(error: unknown): boolean {
  return isErrorReply(error) ? PASSING.test(error.message) : error instanceof Error;
}

interface OutageSource {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'ready', listener: () => void): unknown;
}

function logOutages(client: OutageSource, { name, logger, clock = systemClock }: RedisOptions): void {
  let downSince: number | undefined;
  client.on('error', (error) => {
    if (downSince !== undefined) return;
    downSince = clock.monotonic();
    logger.warn('redis.unavailable', { connection: name, reason: error.message });
  });
  client.on('ready', () => {
    const downMs = downSince === undefined ? undefined : Math.round(clock.monotonic() - downSince);
    downSince = undefined;
    logger.info('redis.connected', { connection: name, ...(downMs === undefined ? {} : { down_ms: downMs }) });
  });
}
