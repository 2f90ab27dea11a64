/** Closing an HTTP server without cutting off a request. */
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

const SWEEP_MS = 50;
/** nginx closes its own idle connections to us after 4 s (nginx.conf.template); after that, no request can be on its way. */
const IDLE_GRACE_MS = 4_500;

/**
 * Takes no new connection, and resolves when every request has been answered. Busy connections end by themselves, because
 * answers say `Connection: close` by now (see closeWhenStopping). An idle one is left open for a while: a request may be on
 * its way to us, and it would be reset. `http.Server.close` closes idle ones at once, so it is not what is called here.
 */
export async function closeServer(server: Server, { idleGraceMs = IDLE_GRACE_MS } = {}): Promise<void> {
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  let sweep: NodeJS.Timeout | undefined;
  const grace = setTimeout(() => {
    sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  }, idleGraceMs);
  await closed;
  clearTimeout(grace);
  clearInterval(sweep);
}
