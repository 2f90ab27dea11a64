/** Ports on loopback. A port is free if we could listen on it a moment ago; whoever takes it in between makes the service fail visibly. */
import { createServer, type AddressInfo } from 'node:net';

/** @returns the port if it is free, otherwise `undefined`; port 0 gives any free one */
export function tryPort(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host, port, exclusive: true }, () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken));
    });
  });
}

/** Hands out each port once: the preferred one if it is free, else any. */
export class PortPicker {
  private readonly given = new Set<number>();

  async pick(preferred: number): Promise<number> {
    for (const candidate of [preferred, ...Array<number>(20).fill(0)]) {
      if (this.given.has(candidate)) continue;
      const port = await tryPort('127.0.0.1', candidate);
      if (port === undefined || this.given.has(port)) continue;
      this.given.add(port);
      return port;
    }
    throw new Error('no free port on 127.0.0.1');
  }

  release(port: number): void {
    this.given.delete(port);
  }
}
