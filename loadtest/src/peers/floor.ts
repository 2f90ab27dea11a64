/**
 * The floor: what is left when nothing is promised. A bare node:http server that parses the request, answers, and sends each postback
 * itself, over keep-alive connections; no queue, no disk, no retry, no log.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { Agent } from 'undici';
import { fillIn, isPeerRequest, type PeerRequest } from './render.js';

const CONNECTIONS = 64;

function main(): void {
  const agent = new Agent({ connections: CONNECTIONS });
  let accepted = 0;

  function send({ endpoint, data }: PeerRequest, firstId: number): void {
    for (const [index, object] of data.entries()) {
      const url = new URL(fillIn(endpoint.url, object));
      const headers = { 'Postback-Id': String(firstId + index) };
      const sent = agent.request({ origin: url.origin, path: url.pathname + url.search, method: 'GET', headers });
      void sent.then(({ body }) => body.dump()).catch(() => undefined);
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return void response.end('{"status":"ok"}');
    const body: unknown = await json(request);
    if (!isPeerRequest(body)) return void response.writeHead(400).end();
    const firstId = accepted;
    accepted += body.data.length;
    const ids = body.data.map((_, index) => String(firstId + index));
    response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify({ accepted: ids.length, ids }));
    send(body, firstId);
  }

  const server = createServer((request, response) => void answer(request, response));
  server.listen(Number(process.env['INGEST_PORT']), '127.0.0.1');
}

main();
