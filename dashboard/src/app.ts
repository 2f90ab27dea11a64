/** Builds the HTTP application of the dashboard: the page and the JSON API it lives on. */
import { join } from 'node:path';
import { answerHealth, answerNotFound, answerProblem, answerReadiness, closeWhenStopping } from '@postback/core/http';
import type { Logger } from '@postback/core/logger';
import express, { type Express } from 'express';
import { operatorRouter, type OperatorDeps } from './routes/operator.js';
import { pauseRouter, type PauseQueue } from './routes/pause.js';
import { statsRouter } from './routes/stats.js';

export interface AppDeps extends OperatorDeps {
  readonly queue: OperatorDeps['queue'] & PauseQueue;
  readonly logger: Logger;
  /** Why the service cannot answer now; empty when it can. */
  readonly reasons: () => readonly string[];
  readonly isStopping: () => boolean;
}

const PAGE_DIRECTORY = join(__dirname, '..', 'web');

export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(closeWhenStopping(deps.isStopping));
  app.get('/healthz', answerHealth);
  app.get('/readyz', answerReadiness(deps.reasons));
  app.use('/api', statsRouter(deps), pauseRouter(deps), operatorRouter(deps));
  app.use(express.static(PAGE_DIRECTORY));
  app.use(answerNotFound);
  app.use(answerProblem(deps.logger));
  return app;
}
