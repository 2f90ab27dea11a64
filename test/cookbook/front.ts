/** One address for ingest and dashboard, as nginx makes it; it can also refuse, or break the connection, before it passes a request on. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Front {
  readonly url: string;
  /** What the next requests to /ingest get instead of an answer of ours: a status, or a broken connection. */
  readonly trouble: (number | 'broken')[];
  stop(): Promise<void>;
}

export async function startFront(ingestUrl: string, dashboardUrl: string): Promise<Front> {
  const trouble: Front['trouble'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const isIngest = path.startsWith('/ingest');
      const pass = async () => {
        const { headers: given } = request;
        const names = ['content-type', 'idempotency-key', 'authorization'];
        const headers = Object.fromEntries(names.flatMap((name) => (given[name] ? [[name, String(given[name])]] : [])));
        const { method = 'GET' } = request;
        const init = {
          method,
          headers,
          ...(method === 'GET' ? {} : { body: Buffer.concat(chunks) }),
        };
        const answer = await fetch(`${isIngest ? ingestUrl : dashboardUrl}${path}`, init);
        const type = answer.headers.get('content-type') ?? '';
        return { status: answer.status, type, body: await answer.text() };
      };
      const problem = isIngest ? trouble.shift() : undefined;
      if (typeof problem === 'number') return void response.writeHead(problem, { 'Retry-After': '0' }).end('{}');
      // Taken, and then the answer is lost: sending again must not make a second postback.
      pass().then(
        ({ status, type, body }) => {
          if (problem === 'broken') request.socket.destroy();
          else response.writeHead(status, { 'Content-Type': type }).end(body);
        },
        () => response.destroy(),
      );
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trouble,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
