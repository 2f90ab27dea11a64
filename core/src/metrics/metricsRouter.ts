/** GET /metrics of an Express service. */
import express, { type Router } from 'express';
import type { Registry } from 'prom-client';
import { answerMetrics, isFromOutside, METRICS_PATH } from './answerMetrics.js';

/** @param prepare reads what has to be asked for first */
export function metricsRouter(registry: Registry, prepare?: () => Promise<void>): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  router.get(METRICS_PATH, (request, response, next) => {
    if (isFromOutside(request)) return next();
    return answerMetrics(registry, response, prepare);
  });
  return router;
}
