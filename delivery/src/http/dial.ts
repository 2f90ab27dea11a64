/**
 * Opens a TCP connection to one of some checked addresses, in their order: the next one is tried beside the others when one has
 * failed, or has not answered within a moment (RFC 8305). The address that a socket has reached is checked before anything is
 * written; if that fails, nothing else is tried.
 */
import { connect, type Socket } from 'node:net';
import { TransportError } from './transportError.js';

export type OpenSocket = (place: { readonly host: string; readonly port: number }) => Socket;

export interface Dial {
  /** No names: nothing is looked up from here on. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly timeoutMs: number;
  /** What speaks against the address that was reached. */
  readonly objection: (remoteAddress: string) => TransportError | undefined;
  readonly open?: OpenSocket;
}

/** RFC 8305, section 5. */
const STAGGER_MS = 250;
const KEEP_ALIVE_PROBE_MS = 60_000;
const ignore = () => undefined;

/** @throws TransportError, or the error of the first address */
export function dial({ addresses, port, timeoutMs, objection, open = connect }: Dial): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const underWay = new Set<Socket>();
    let firstError: Error | undefined;
    let tried = 0;
    let stagger: NodeJS.Timeout | undefined;
    const tooLate = new TransportError('timeout', `not connected within ${timeoutMs} ms`);
    const deadline = setTimeout(() => end(() => reject(tooLate)), timeoutMs);

    function end(settle: () => void): void {
      clearTimeout(deadline);
      clearTimeout(stagger);
      for (const socket of underWay) socket.destroy();
      underWay.clear();
      settle();
    }

    function tryNext(): void {
      clearTimeout(stagger);
      const host = addresses[tried++];
      if (host === undefined) return;
      if (tried < addresses.length) stagger = setTimeout(tryNext, STAGGER_MS);
      const socket = open({ host, port });
      underWay.add(socket);
      socket.once('connect', () => underWay.has(socket) && take(socket));
      socket.on('error', (error) => underWay.delete(socket) && giveUp(error));
    }

    function giveUp(error: Error): void {
      firstError ??= error;
      const told = firstError;
      if (tried < addresses.length) return tryNext();
      if (underWay.size === 0) end(() => reject(told));
    }

    function take(socket: Socket): void {
      const fault = objection(socket.remoteAddress ?? '');
      if (fault) return end(() => reject(fault));
      underWay.delete(socket);
      socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_PROBE_MS).on('error', ignore); // until its user listens
      end(() => resolve(socket));
    }

    if (addresses.length === 0) end(() => reject(new TransportError('dns', 'the name has no address')));
    else tryNext();
  });
}
