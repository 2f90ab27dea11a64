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
import { createCaptured } from './captured.js';
import type { ControlDeps } from './control.js';
import { control } from './control.js';
import { renderPage } from './page.js';
import { createRuns } from './runs.js';

export interface Sink {
  /** @returns the port it listens on, for those who asked for port 0 */
  start(address: { host: string; port: number }): Promise<number>;
  /** Stops accepting, finishes the answers under way; idle connections are closed. */
  stop(): Promise<void>;
}

/** Longer than clients keep an idle connection, so that it is never the sink that closes one at the moment of its reuse. */
const KEEP_ALIVE_MS = 75_000;

export function createSink({ now }: { now: PreciseClock }): Sink {
  const deps: ControlDeps = { runs: createRuns(), captured: createCaptured(), now, page: renderPage() };
  let isStopping = false;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (isStopping) response.setHeader('connection', 'close'); // close() alone leaves busy keep-alive sockets open
    answer(deps, request, response);
  });
  return {
    start: (address) => listen(server, address),
    async stop() {
      isStopping = true;
      await closeServer(server, { idleGraceMs: 0 }); // those who call it send again
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
