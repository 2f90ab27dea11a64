/** A third party for tests: a real HTTP server on a free loopback port that keeps what it received. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface EndpointServer {
  readonly origin: string;
  readonly received: Received[];
  /** Connections opened so far. */
  connections(): number;
  close: () => Promise<void>;
}

export type Answer = (received: Received, response: ServerResponse, socket: Socket) => void;

export const answerOk: Answer = (_received, response) => void response.end('ok');

/** `answer` decides what each request gets. */
export async function startEndpointServer(answer: Answer = answerOk): Promise<EndpointServer> {
  const received: Received[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const entry = { method, url, headers, body: Buffer.concat(chunks).toString() };
      received.push(entry);
      answer(entry, response, request.socket);
    });
  };
  let connections = 0;
  const server = createServer(listener).on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    connections: () => connections,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
