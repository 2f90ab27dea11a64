/** GET and POST /api/drain {reason?}: no request is taken, and what was accepted is delivered. POST /api/resume ends it (pause.ts). */
import type { Books } from '@postback/core/queue/scripts/books';
import type { Queue } from '@postback/core/queue/queue';
import express, { type RequestHandler, type Router } from 'express';
import { audit } from '../audit.js';
import { orUnavailable, readReason, requireJson } from './pause.js';

export type DrainQueue = Pick<Queue, 'startDrain' | 'readDrain' | 'books'>;

export function drainRouter({ queue }: { queue: DrainQueue }): Router {
  const router = express.Router();
  const answerState: RequestHandler = async (_request, response) => {
    const [drain, books] = await orUnavailable(Promise.all([queue.readDrain(), queue.books()]));
    const about = drain && { since: new Date(drain.since).toISOString(), by: drain.by, reason: drain.reason };
    response.set('Cache-Control', 'no-store').json({ draining: drain !== undefined, ...about, left: leftIn(books) });
  };
  const startDrain: RequestHandler = async (request, response, next) => {
    const reason = readReason(request.body);
    await orUnavailable(queue.startDrain({ by: 'operator', reason }));
    audit(response, 'drain', { reason });
    next();
  };
  router.get('/drain', answerState);
  router.post('/drain', requireJson, express.json(), startDrain, answerState);
  return router;
}

/** What must still be delivered or die: 0 = drained. */
function leftIn({ waiting, pending, delayed, parked }: Books): number {
  return waiting + pending + delayed + parked;
}
