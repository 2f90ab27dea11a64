/** GET /api/stats: the books, read at one moment. */
import { Problem } from '@postback/core/problem';
import type { Queue } from '@postback/core/queue/queue';
import { imbalance } from '@postback/core/queue/scripts/books';
import express, { type Router } from 'express';

export function statsRouter({ queue }: { queue: Pick<Queue, 'books'> }): Router {
  const router = express.Router();
  router.get('/stats', async (_request, response) => {
    const books = await queue.books().catch((cause: unknown) => {
      const headers = { 'Retry-After': '1' };
      throw new Problem('queue-unavailable', { detail: 'Redis cannot be read right now', headers, cause });
    });

    response.set('Cache-Control', 'no-store').json({ books, unaccounted: imbalance(books) });
  });
  return router;
}
