/** Builds the HTTP application of the ingest service; `main.ts` runs it. */
import {
  answerHealth,
  answerNotFound,
  answerProblem,
  answerReadiness,
  closeWhenStopping,
  requestIds,
} from '@postback/core/http';
import { metricsRouter } from '@postback/core/metrics/metricsRouter';
import express, { type Express } from 'express';
import { requireApiKey, type AccessDeps } from './access/requireApiKey.js';
import type { IngestMetrics } from './metrics/ingestMetrics.js';
import { ingestRouter, INGEST_PATHS, type IngestDeps } from './routes/ingest.js';
import { previewRouter, type PreviewDeps } from './routes/preview.js';

export interface AppDeps extends IngestDeps, AccessDeps, PreviewDeps {
  /** Why the service cannot take requests now; empty when it can. */
  readonly reasons: () => readonly string[];
  readonly isStopping: () => boolean;
  readonly metrics: IngestMetrics;
}

export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(deps.metrics.http.measure);
  app.use(requestIds());
  app.use(closeWhenStopping(deps.isStopping));
  // Whatever takes requests, below these addresses too, stands behind the door; health and readiness do not.
  app.use(INGEST_PATHS, requireApiKey(deps));
  app.use(ingestRouter(deps));
  app.use(previewRouter(deps));
  app.get('/healthz', answerHealth);
  app.get('/readyz', answerReadiness(deps.reasons));
  app.use(metricsRouter(deps.metrics.registry));
  app.use(answerNotFound);
  app.use(answerProblem(deps.logger, deps.metrics.http.refused));
  return app;
}
