/**
 * EGRESS_PROXY: connections go through a tunnel (CONNECT, RFC 9110, 9.3.6) that a proxy opens, for http and https targets alike, so that
 * no request is readable to more than the proxy's operator. The proxy looks the target's name up; what it may reach is up to it.
 */
import { request } from 'node:http';
import type { Socket } from 'node:net';
import type { Target } from '@postback/core/net/judgeTarget';
import { TransportError } from './transportError.js';

export interface EgressProxy {
  readonly host: string;
  readonly port: number;
  /** Whether the way to the proxy is encrypted. */
  readonly isSecure: boolean;
  /** The value of Proxy-Authorization. */
  readonly authorization: string | undefined;
}

/** @throws Error naming what was expected; never what was given, which may hold a password */
export function parseEgressProxy(text: string): EgressProxy | undefined {
  if (text === '') return undefined;
  const expected = new Error(
    'expected http://host:port or https://host:port, with user:password@ before the host if needed',
  );
  if (!URL.canParse(text)) throw expected;
  const { protocol, hostname, port, pathname, search, hash, username, password } = new URL(text);
  if (!/^https?:$/.test(protocol) || hostname === '' || pathname + search + hash !== '/') throw expected;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    isSecure: protocol === 'https:',
    authorization: username === '' ? undefined : basic(username, password, expected),
  };
}

function basic(username: string, password: string, fault: Error): string {
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(credentials).toString('base64')}`;
  } catch {
    throw fault;
  }
}

/** Turns a connection to the proxy into one to the target. @throws TransportError */
export function openTunnel(
  socket: Socket,
  target: Target,
  deps: { proxy: EgressProxy; timeoutMs: number },
): Promise<Socket> {
  const place = target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
  const { authorization } = deps.proxy;
  return new Promise((resolve, reject) => {
    const fail = (error: TransportError) => {
      socket.destroy();
      reject(error);
    };
    const asking = request({
      method: 'CONNECT',
      path: place,
      headers: { host: place, ...(authorization !== undefined && { 'proxy-authorization': authorization }) },
      createConnection: () => socket,
      timeout: deps.timeoutMs,
    });
    asking.once('connect', ({ statusCode = 0 }, tunnel: Socket, head: Buffer) => {
      tunnel.setTimeout(0);
      if (statusCode === 200 && head.length === 0) resolve(tunnel);
      else fail(refusal(statusCode));
    });
    asking.once('timeout', () => fail(new TransportError('proxy', 'the proxy does not answer')));
    asking.once('error', (error) => fail(unreachable(error)));
    asking.end();
  });
}

/** The proxy itself cannot be used: that is no destination's fault. */
export function unreachable(cause: Error): TransportError {
  return new TransportError('proxy', `the proxy cannot be used: ${cause.message}`, { cause });
}

function refusal(status: number): TransportError {
  if (status === 407) return new TransportError('proxy', 'the proxy wants other credentials (407)');
  return new TransportError('proxy-refused', `the proxy did not connect to the target (${status})`);
}
