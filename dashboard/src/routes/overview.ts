/** GET /api/overview: how everything is doing at this moment. It answers when Redis is away too: that is what it tells then. */
import express, { type Router } from 'express';
import type { OverviewReader } from '../overview/overviewReader.js';

export interface OverviewDeps {
  readonly overview: OverviewReader;
}

export function overviewRouter({ overview }: OverviewDeps): Router {
  const router = express.Router();
  router.get('/overview', async (_request, response) => {
    response.set('Cache-Control', 'no-store').json(await overview());
  });
  return router;
}
