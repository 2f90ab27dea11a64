/** What operators do through the API, under one roof: nothing of it is cached, and a Redis that is away is said. */
import { Problem } from '@postback/core/problem';
import type { Queue } from '@postback/core/queue/queue';
import { isPassing } from '@postback/core/redis';
import express, { type ErrorRequestHandler, type Router } from 'express';
import type { CancelDeps } from '../dead/cancelPostback.js';
import { archiveRouter, type ArchiveDeps } from './archive.js';
import { attemptsRouter, type AttemptsDeps } from './attempts.js';
import { cancelRouter } from './cancel.js';
import { deadRouter, type DeadDeps } from './dead.js';
import { destinationsRouter, type DestinationsDeps } from './destinations.js';
import { eventsRouter, type EventsDeps } from './events.js';
import { overviewRouter, type OverviewDeps } from './overview.js';
import { postbacksRouter, type PostbacksDeps } from './postbacks.js';
import { redriveRouter, type RedriveDeps } from './redrive.js';
import { seriesRouter, type SeriesDeps } from './series.js';

export type OperatorDeps = DeadDeps &
  AttemptsDeps &
  PostbacksDeps &
  RedriveDeps &
  CancelDeps &
  DestinationsDeps &
  OverviewDeps &
  SeriesDeps &
  EventsDeps &
  ArchiveDeps & { readonly queue: Pick<Queue, 'books' | 'readEndpoint'> };

export function operatorRouter(deps: OperatorDeps): Router {
  const router = express.Router();
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.use(overviewRouter(deps), seriesRouter(deps), eventsRouter(deps));
  router.use(attemptsRouter(deps), postbacksRouter(deps));
  router.use(deadRouter(deps), redriveRouter(deps), cancelRouter(deps), destinationsRouter(deps), archiveRouter(deps));
  router.use(sayUnavailable);
  return router;
}

const sayUnavailable: ErrorRequestHandler = (error: unknown, _request, _response, next) => {
  if (!isRedisTrouble(error)) return next(error);
  next(
    new Problem('queue-unavailable', {
      detail: 'Redis cannot be used right now',
      headers: { 'Retry-After': '1' },
      cause: error,
    }),
  );
};

/** Errors of ours and of Express have a status, the file system's a path, zlib's a code; a lost connection has none of these. */
function isRedisTrouble(error: unknown): boolean {
  const { status, path, code } = error as { status?: unknown; path?: unknown; code?: unknown };
  const isBug = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
  const isOfFiles = path !== undefined || String(code).startsWith('Z_');
  return isPassing(error) && !isBug && !isOfFiles && status === undefined;
}
