/**
 * Opening a connection to a third party: the one place where a socket comes from, and so the place of every check on where it
 * goes. It also keeps the time that DNS and connecting took, for the first attempt that uses the connection.
 */
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

export interface ConnectTimings {
  readonly dnsMs: number;
  readonly connectMs: number;
}

export interface Connector {
  readonly connect: buildConnector.connector;
  /** Timings of a connection to `origin` that no attempt has used yet. */
  takeTimings(origin: string): ConnectTimings | undefined;
}

/** More unused timings than this are not kept for one origin. */
const KEPT_PER_ORIGIN = 64;

export function createConnector({ timeoutMs }: { timeoutMs: number }): Connector {
  const open = buildConnector({ timeout: timeoutMs, autoSelectFamily: true });
  const unused = new Map<string, ConnectTimings[]>();
  return {
    connect: (options, callback) => {
      const startedAt = performance.now();
      let lookedUpAt = startedAt;
      // undici returns the socket, though its types do not say so
      const socket = open(options, (...result) => {
        if (result[0] === null) keep(unused, originOf(options), timings(startedAt, lookedUpAt));
        callback(...result);
      }) as unknown as Socket;
      socket.once('lookup', () => (lookedUpAt = performance.now()));
    },
    takeTimings: (origin) => {
      const list = unused.get(origin);
      const taken = list?.shift();
      if (list?.length === 0) unused.delete(origin);
      return taken;
    },
  };
}

function timings(startedAt: number, lookedUpAt: number): ConnectTimings {
  return { dnsMs: lookedUpAt - startedAt, connectMs: performance.now() - lookedUpAt };
}

function keep(unused: Map<string, ConnectTimings[]>, origin: string, entry: ConnectTimings): void {
  const list = unused.get(origin) ?? [];
  list.push(entry);
  if (list.length > KEPT_PER_ORIGIN) list.shift();
  unused.set(origin, list);
}

function originOf({ protocol, hostname, port }: buildConnector.Options): string {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  const defaultPort = protocol === 'https:' ? '443' : '80';
  return `${protocol}//${host}:${port || defaultPort}`;
}
