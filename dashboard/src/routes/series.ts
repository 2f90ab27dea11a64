/** GET /api/series: what happened over time. */
import type { Queue } from '@postback/core/queue/queue';
import { SERIES_MINUTES } from '@postback/core/queue/scripts/recordStats';
import type { Stats } from '@postback/core/queue/stats';
import express, { type Router } from 'express';
import { seriesOf, spanOf } from '../series/series.js';
import { inputOf } from './input.js';

export interface SeriesDeps {
  readonly queue: Pick<Queue, 'time'>;
  readonly stats: Pick<Stats, 'minutes'>;
}

const DEFAULT_MINUTES = 60;

export function seriesRouter({ queue, stats }: SeriesDeps): Router {
  const router = express.Router();
  router.get('/series', async (request, response) => {
    const input = inputOf(request.query, ['minutes']);
    const minutes = input.whole('minutes', { min: 1, max: SERIES_MINUTES }) ?? DEFAULT_MINUTES;
    input.end();
    const now = await queue.time();
    const span = spanOf(minutes, now);
    response.json(seriesOf(span, await stats.minutes(span.first, span.last), now));
  });
  return router;
}
