/**
 * GET /api/pause, POST /api/pause {reason?}, POST /api/resume: stopping delivery in the whole installation, and letting it go on, after a drain too.
 * A POST must say that it is JSON: a page elsewhere in the operator's browser cannot send that without being asked first.
 */
import { Problem } from '@postback/core/problem';
import type { Queue } from '@postback/core/queue/queue';
import type { Pauses } from '@postback/core/queue/scripts/pause';
import express, { type RequestHandler, type Router } from 'express';
import { audit } from '../audit.js';

export type PauseQueue = Pick<Queue, 'pause' | 'resume' | 'endDrain' | 'readPauses'>;

const REASON_LIMIT = 500;

export function pauseRouter({ queue }: { queue: PauseQueue }): Router {
  const router = express.Router();
  const answerState: RequestHandler = async (_request, response) => {
    response.set('Cache-Control', 'no-store').json(describe(await orUnavailable(queue.readPauses())));
  };
  router.get('/pause', answerState);
  router.post(
    '/pause',
    requireJson,
    express.json(),
    async (request, response, next) => {
      const reason = readReason(request.body);
      await orUnavailable(queue.pause({ by: 'operator', reason }));
      audit(response, 'pause', { reason });
      next();
    },
    answerState,
  );
  router.post(
    '/resume',
    requireJson,
    async (_request, response, next) => {
      await orUnavailable(Promise.all([queue.resume(), queue.endDrain()]));
      audit(response, 'resume');
      next();
    },
    answerState,
  );
  return router;
}

export const requireJson: RequestHandler = (request, _response, next) => {
  const type = request.headers['content-type'] ?? '';
  if (/^application\/json\s*(;|$)/i.test(type)) return next();
  throw new Problem('unsupported-media-type', { detail: 'Content-Type must be application/json' });
};

export function readReason(body: unknown): string {
  const { reason = 'by hand' } = Object(body) as { reason?: unknown };
  if (typeof reason === 'string' && reason.length <= REASON_LIMIT) return reason;
  const errors = [{ pointer: '/reason', detail: `a text of at most ${REASON_LIMIT} characters` }];
  throw new Problem('invalid-request', { detail: 'the reason cannot be taken', errors });
}

function describe({ current }: Pauses) {
  if (!current) return { paused: false };
  const { since, by, reason } = current;
  return { paused: true, since: new Date(since).toISOString(), by, reason };
}

export function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((cause: unknown) => {
    const headers = { 'Retry-After': '1' };
    throw new Problem('queue-unavailable', { detail: 'Redis cannot be reached right now', headers, cause });
  });
}
