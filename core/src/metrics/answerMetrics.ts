/**
 * GET /metrics, for Prometheus, on the services' own ports. What comes through nginx is turned away: nginx does it too, and this is for
 * the day on which its configuration forgets to.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

export const METRICS_PATH = '/metrics';

/** Whether the request came past the front door; nginx puts this header on everything that it passes on. */
export function isFromOutside(request: IncomingMessage): boolean {
  return request.headers['x-forwarded-for'] !== undefined;
}

/** @param prepare reads what has to be asked for first; a figure that could not be read is missing, the others are not */
export async function answerMetrics(
  registry: Registry,
  response: ServerResponse,
  prepare: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await prepare();
  const text = await registry.metrics();
  response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' }).end(text);
}
