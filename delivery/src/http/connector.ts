/**
 * Opening a connection to a third party: the one place where a socket comes from, and so the place of every check on where it
 * goes (core/src/net/judgeTarget.ts): the host as written, every address its name stands for now, the address that was reached. The
 * connection goes to an address that was checked, never to a name, so a second answer of the resolver changes nothing.
 * It also keeps the time that DNS and connecting took, for the first attempt that uses the connection.
 */
import { isIP, type Socket } from 'node:net';
import type { AllowedTarget } from '@postback/core/net/allowedTarget';
import { judgeAddresses, judgeHost, type Target, type Verdict } from '@postback/core/net/judgeTarget';
import { buildConnector } from 'undici';
import { dial, type OpenSocket } from './dial.js';
import { openTunnel, unreachable, type EgressProxy } from './egressProxy.js';
import { toTransportError, TransportError } from './transportError.js';
import { createWayOut, type WayOut } from './wayOut.js';

export interface ConnectTimings {
  readonly dnsMs: number;
  readonly connectMs: number;
}

export interface Connector {
  readonly connect: buildConnector.connector;
  /** Timings of a connection to `origin` that no attempt has used yet. */
  takeTimings(origin: string): ConnectTimings | undefined;
}

/** The addresses of a name, in the order in which they are to be tried. */
export type LookUpAddresses = (name: string) => Promise<readonly string[]>;

export interface ConnectorDeps {
  readonly timeoutMs: number;
  readonly allowedTargets: readonly AllowedTarget[];
  readonly lookUp: LookUpAddresses;
  readonly proxy?: EgressProxy | undefined;
  readonly open?: OpenSocket;
}

/** More unused timings than this are not kept for one origin. */
const KEPT_PER_ORIGIN = 64;

export function createConnector(deps: ConnectorDeps): Connector {
  // Whatever NODE_TLS_REJECT_UNAUTHORIZED says; NODE_EXTRA_CA_CERTS is the way to trust more.
  const secure = buildConnector({ timeout: deps.timeoutMs, rejectUnauthorized: true });
  const unused = new Map<string, ConnectTimings[]>();
  const wayOut = createWayOut(deps);

  async function open(options: buildConnector.Options): Promise<Socket> {
    const startedAt = performance.now();
    const target = targetOf(options);
    refuseOn(judgeHost(target, deps.allowedTargets));
    const { socket, lookedUpAt } = deps.proxy
      ? await reachThrough(deps.proxy, target, { ...deps, secure })
      : await reach(target, { ...deps, wayOut });
    const usable = options.protocol === 'https:' ? await encrypt(secure, { ...options, httpSocket: socket }) : socket;
    const connectMs = performance.now() - lookedUpAt;
    keep(unused, originOf(options), { dnsMs: lookedUpAt - startedAt, connectMs });
    return usable;
  }

  return {
    connect: (options, callback) => {
      open(options).then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      );
    },
    takeTimings: (origin) => {
      const list = unused.get(origin);
      const taken = list?.shift();
      if (list?.length === 0) unused.delete(origin);
      return taken;
    },
  };
}

interface Reached {
  readonly socket: Socket;
  readonly lookedUpAt: number;
}

/** @throws TransportError when the guard refuses any of the addresses behind the name, or the one that was reached */
async function reach(target: Target, deps: ConnectorDeps & { readonly wayOut: WayOut }): Promise<Reached> {
  const addresses = await addressesOf(target, deps);
  refuseOn(judgeAddresses(target, addresses, deps.allowedTargets));
  const lookedUpAt = performance.now();
  const objection = (address: string) => objectionTo(judgeAddresses(target, [address], deps.allowedTargets));
  const { port } = target;
  const dialling = dial({ ...deps, addresses, port, objection });
  const socket = await dialling.catch(async (error: unknown) => {
    throw await explained(toTransportError(error), deps.wayOut, lookedUpAt);
  });
  deps.wayOut.noteReached({ address: socket.remoteAddress ?? '', port });
  return { socket, lookedUpAt };
}

/** Nobody there, or no way for anybody? */
async function explained(error: TransportError, wayOut: WayOut, since: number): Promise<TransportError> {
  if (error.errorClass !== 'unreachable') return error;
  const { errorClass, message, cause } = error;
  return new TransportError(errorClass, message, { cause, wayOutWorks: await wayOut.works(since) });
}

/** The proxy is the operator's choice, so its address is not judged; what stands behind the target's name only the proxy knows. */
async function reachThrough(
  proxy: EgressProxy,
  target: Target,
  deps: ConnectorDeps & { readonly secure: buildConnector.connector },
): Promise<Reached> {
  try {
    const { host, port } = proxy;
    const addresses = await addressesOf(proxy, deps);
    const lookedUpAt = performance.now();
    const plain = await dial({ ...deps, addresses, port, objection: () => undefined });
    const place = { protocol: 'https:', hostname: host, host, port: String(port), httpSocket: plain };
    const socket = proxy.isSecure ? await encrypt(deps.secure, place) : plain;
    return { socket: await openTunnel(socket, target, { proxy, timeoutMs: deps.timeoutMs }), lookedUpAt };
  } catch (error) {
    const isTold = error instanceof TransportError && error.errorClass.startsWith('proxy');
    throw isTold ? error : unreachable(error as Error);
  }
}

function addressesOf({ host }: { readonly host: string }, { lookUp }: ConnectorDeps): Promise<readonly string[]> {
  return isIP(host) === 0 ? lookUp(host) : Promise.resolve([host]);
}

function refuseOn(verdict: Verdict): void {
  const objection = objectionTo(verdict);
  if (objection) throw objection;
}

function objectionTo(verdict: Verdict): TransportError | undefined {
  return verdict.kind === 'forbidden' ? new TransportError('forbidden-target', verdict.detail) : undefined;
}

function encrypt(secure: buildConnector.connector, options: buildConnector.Options): Promise<Socket> {
  return new Promise((resolve, reject) => {
    secure(options, (...[error, socket]) => (error ? reject(error) : resolve(socket)));
  });
}

function keep(unused: Map<string, ConnectTimings[]>, origin: string, entry: ConnectTimings): void {
  const list = unused.get(origin) ?? [];
  list.push(entry);
  if (list.length > KEPT_PER_ORIGIN) list.shift();
  unused.set(origin, list);
}

function targetOf({ protocol, hostname, port }: buildConnector.Options): Target {
  return { host: hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
}

function originOf(options: buildConnector.Options): string {
  const { host, port } = targetOf(options);
  return `${options.protocol}//${host.includes(':') ? `[${host}]` : host}:${port}`;
}
