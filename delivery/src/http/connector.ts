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
import { TransportError } from './transportError.js';

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
  readonly open?: OpenSocket;
}

/** More unused timings than this are not kept for one origin. */
const KEPT_PER_ORIGIN = 64;

export function createConnector(deps: ConnectorDeps): Connector {
  const secure = buildConnector({ timeout: deps.timeoutMs });
  const unused = new Map<string, ConnectTimings[]>();

  async function open(options: buildConnector.Options): Promise<Socket> {
    const startedAt = performance.now();
    const target = targetOf(options);
    const addresses = await findAddresses(target, deps);
    const lookedUpAt = performance.now();
    const objection = (address: string) => objectionTo(judgeAddresses(target, [address], deps.allowedTargets));
    const plain = await dial({ ...deps, addresses, port: target.port, objection });
    const socket = options.protocol === 'https:' ? await encrypt(secure, { ...options, httpSocket: plain }) : plain;
    const connectMs = performance.now() - lookedUpAt;
    keep(unused, originOf(options), { dnsMs: lookedUpAt - startedAt, connectMs });
    return socket;
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

/** @throws TransportError when the guard refuses the host, or any of the addresses behind its name */
async function findAddresses(target: Target, { allowedTargets, lookUp }: ConnectorDeps): Promise<readonly string[]> {
  refuseOn(judgeHost(target, allowedTargets));
  if (isIP(target.host) !== 0) return [target.host];
  const addresses = await lookUp(target.host);
  refuseOn(judgeAddresses(target, addresses, allowedTargets));
  return addresses;
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
