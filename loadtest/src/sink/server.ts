/**
 * The sink: a plain node:http server that plays the third party. Everything is captured except the few addresses of its own
 * control (control.ts). State is in memory: when it dies, the runs it recorded are gone and their ledger fails.
 */
import { closeServer } from '@postback/core/closeServer';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PreciseClock } from '../preciseClock.js';
import { capture } from './capture.js';
import { firstDestinationPort } from '../destinationPorts.js';
import { createCaptured } from './captured.js';
import { createDestinations } from './destinations.js';
import type { ControlDeps } from './control.js';
import { control } from './control.js';
import { createNames, type Names } from './names.js';
import { renderPage } from './page.js';
import { createRuns } from './runs.js';

export interface Sink {
  /** @returns the port it listens on, for those who asked for port 0 */
  start(address: { host: string; port: number }): Promise<number>;
  /** What names below sink.test stand for, for a resolver beside it. */
  readonly names: Names;
  /** Stops accepting, finishes the answers under way; idle connections are closed. */
  stop(): Promise<void>;
}

/** Longer than clients keep an idle connection, so that it is never the sink that closes one at the moment of its reuse. */
const KEEP_ALIVE_MS = 75_000;
/** Answers that never end are cut off so long after a stop. */
const STOP_PATIENCE_MS = 2_000;

export function createSink({ now }: { now: PreciseClock }): Sink {
  let isStopping = false;
  let address = { host: '127.0.0.1', firstPort: 0 };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (isStopping) response.setHeader('connection', 'close'); // close() alone leaves busy keep-alive sockets open
    answer(deps, request, response);
  };
  const destinations = createDestinations({ address: () => address, listener, keepAliveMs: KEEP_ALIVE_MS });
  const deps: ControlDeps = {
    runs: createRuns(),
    captured: createCaptured(),
    destinations,
    names: createNames(),
    now,
    page: renderPage(),
  };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, listener);
  return {
    names: deps.names,
    start: async ({ host, port }) => {
      address = { host, firstPort: port === 0 ? 0 : firstDestinationPort(port) };
      return listen(server, { host, port });
    },
    async stop() {
      isStopping = true;
      const impatience = setTimeout(() => server.closeAllConnections(), STOP_PATIENCE_MS);
      await Promise.all([destinations.close(), closeServer(server, { idleGraceMs: 0 })]); // those who call it send again
      clearTimeout(impatience);
    },
  };
}

function answer(deps: ControlDeps, request: IncomingMessage, response: ServerResponse): void {
  const isDelivery = request.url?.startsWith('/postback') ?? false; // most requests: spare them the routes
  if (!isDelivery && control(deps, request, response)) return;
  capture(deps, request, response);
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
