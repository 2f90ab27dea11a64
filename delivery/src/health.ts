/** What a service answers that has no other HTTP interface: /healthz says that it runs, /readyz that it works, /metrics in figures how. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { answerMetrics, isFromOutside, METRICS_PATH } from '@postback/core/metrics/answerMetrics';
import type { Registry } from 'prom-client';

export interface HealthDeps {
  readonly version: string;
  /** Why the service is not ready; empty when it is. */
  readonly reasons: () => readonly string[];
  readonly metrics: Registry;
}

export async function startHealthServer(
  { host, port }: { host: string; port: number },
  { version, reasons, metrics }: HealthDeps,
): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/healthz') return answer(200, { status: 'ok', version });
    if (request.url === METRICS_PATH && !isFromOutside(request)) return void answerMetrics(metrics, response);
    if (request.url !== '/readyz') return answer(404, { status: 'not found' });
    const found = reasons();
    answer(found.length === 0 ? 200 : 503, { status: found.length === 0 ? 'ready' : 'not ready', reasons: found });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
