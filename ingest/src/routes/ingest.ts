/** POST /ingest (also /ingest.php and /i): the whole request is queued, on disk, before the 202; or nothing is. */
import type { Logger } from '@postback/core/logger';
import { Problem } from '@postback/core/problem';
import type { Queue } from '@postback/core/queue/queue';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { LookUpEndpoint } from '../knownEndpoints.js';
import { readRequest } from '../readRequest.js';
import { withinDeadline } from '../withinDeadline.js';

export interface IngestDeps {
  readonly queue: Pick<Queue, 'enqueue'>;
  readonly lookUp: LookUpEndpoint;
  readonly logger: Logger;
  readonly maxBodyBytes: number;
  readonly enqueueTimeoutMs: number;
}

export const INGEST_PATHS = ['/ingest', '/ingest.php', '/i'];

export function ingestRouter(deps: IngestDeps): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  const readBody = express.raw({ type: () => true, limit: deps.maxBodyBytes, inflate: false });
  router.post(INGEST_PATHS, requireJson, readBody, (request, response) => accept(request, response, deps));
  router.all(INGEST_PATHS, refuseMethod);
  return router;
}

async function accept(request: Request, response: Response, deps: IngestDeps): Promise<void> {
  const body: unknown = request.body;
  const postbacks = readRequest(Buffer.isBuffer(body) ? body : Buffer.alloc(0), deps.lookUp);
  const ids = await enqueue(postbacks, deps);
  deps.logger.debug('request.accepted', { count: ids.length, first_id: ids[0] });
  response.status(202).json({ accepted: ids.length, ids });
}

async function enqueue(postbacks: Parameters<Queue['enqueue']>[0], deps: IngestDeps): Promise<string[]> {
  try {
    return await withinDeadline(deps.queue.enqueue(postbacks), deps.enqueueTimeoutMs);
  } catch (cause) {
    throw new Problem('queue-unavailable', {
      detail: 'Redis did not confirm the request; send it again after the time in Retry-After',
      headers: { 'Retry-After': '1' },
      cause,
    });
  }
}

const requireJson: RequestHandler = (request, _response, next) => {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?utf-8"?$/.test(charset);
  if (type.trim() === 'application/json' && isUtf8) return next();
  throw new Problem('unsupported-media-type', { detail: 'expected Content-Type: application/json, in UTF-8' });
};

const refuseMethod: RequestHandler = (request) => {
  throw new Problem('method-not-allowed', {
    detail: `expected POST, got ${request.method}`,
    headers: { Allow: 'POST' },
  });
};
