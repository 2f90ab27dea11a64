/** Builds the HTTP application of the ingest service; `main.ts` runs it. */
import { answerHealth, answerNotFound, answerProblem, answerReadiness, closeWhenStopping } from '@postback/core/http';
import express, { type Express } from 'express';
import { ingestRouter, type IngestDeps } from './routes/ingest.js';

export interface AppDeps extends IngestDeps {
  /** Why the service cannot take requests now; empty when it can. */
  readonly reasons: () => readonly string[];
  readonly isStopping: () => boolean;
}

export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(closeWhenStopping(deps.isStopping));
  app.use(ingestRouter(deps));
  app.get('/healthz', answerHealth);
  app.get('/readyz', answerReadiness(deps.reasons));
  app.use(answerNotFound);
  app.use(answerProblem(deps.logger));
  return app;
}
