/** Builds the HTTP application of the dashboard: the page and the JSON API it lives on. */
import { join } from 'node:path';
import {
  answerHealth,
  answerNotFound,
  answerProblem,
  answerReadiness,
  closeWhenStopping,
  requestIds,
} from '@postback/core/http';
import type { Logger } from '@postback/core/logger';
import { metricsRouter } from '@postback/core/metrics/metricsRouter';
import express, { type Express, type RequestHandler } from 'express';
import { createDoor, LOGIN_PATH, type DoorDeps } from './access/door.js';
import { auditChanges } from './audit.js';
import type { DashboardMetrics } from './metrics/dashboardMetrics.js';
import { docsRouter } from './docs/docsRouter.js';
import { drainRouter, type DrainQueue } from './routes/drain.js';
import { operatorRouter, type OperatorDeps } from './routes/operator.js';
import { pauseRouter, type PauseQueue } from './routes/pause.js';
import { sessionRouter } from './routes/session.js';
import { statsRouter } from './routes/stats.js';

export interface AppDeps extends OperatorDeps, DoorDeps {
  readonly queue: OperatorDeps['queue'] & PauseQueue & DrainQueue;
  readonly logger: Logger;
  /** Why the service cannot answer now; empty when it can. */
  readonly reasons: () => readonly string[];
  readonly isStopping: () => boolean;
  readonly metrics: DashboardMetrics;
}

/** Made by page/build.mjs. */
const PAGE_DIRECTORY = join(__dirname, '..', 'dist', 'page');

export function createApp(deps: AppDeps): Express {
  const door = createDoor(deps);
  const app = express();
  app.disable('x-powered-by');
  app.use(deps.metrics.http.measure);
  app.use(requestIds());
  app.use(closeWhenStopping(deps.isStopping));
  app.get('/healthz', answerHealth);
  app.get('/readyz', answerReadiness(deps.reasons));
  app.use(metricsRouter(deps.metrics.registry, deps.metrics.refresh));
  app.use(docsRouter());
  // What stands above needs no token; what stands below `requireEntry` does.
  app.use(door.identify, auditChanges(deps.logger));
  app.use('/api', sessionRouter({ door, sessionTtlMs: deps.access.sessionTtlMs, clock: deps.clock }));
  app.get(LOGIN_PATH, ownPage, (_request, response) =>
    response.sendFile(join(PAGE_DIRECTORY, 'login.html'), { cacheControl: false }),
  );
  // The login page needs them too, and they are no secret.
  app.use('/assets', ownPage, express.static(join(PAGE_DIRECTORY, 'assets'), { cacheControl: false, redirect: false }));
  app.use(door.requireEntry);
  app.use('/api', statsRouter(deps), pauseRouter(deps), drainRouter(deps), operatorRouter(deps));
  app.use(ownPage, express.static(PAGE_DIRECTORY, { cacheControl: false, redirect: false }));
  app.use(answerNotFound);
  app.use(answerProblem(deps.logger, deps.metrics.http.refused));
  return app;
}

/**
 * Nothing is loaded from elsewhere, no script or style stands within a page, nobody frames it, no text becomes HTML, and it is asked
 * for again when a login has ended.
 */
const ownPage: RequestHandler = (_request, response, next) => {
  response.set({
    'Content-Security-Policy':
      "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'Cache-Control': 'no-cache',
  });
  next();
};
