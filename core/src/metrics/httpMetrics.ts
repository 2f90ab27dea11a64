/** Requests of an Express service: how many, how they ended, how long they took, and which problems were answered. */
import type { Request, RequestHandler } from 'express';
import { Counter, type Registry } from 'prom-client';
import { PROBLEM_TYPES, type ProblemType } from '../problem.js';
import { createQuickCounter, type QuickCount } from './quickCounter.js';
import { createQuickHistogram, type QuickSeries } from './quickHistogram.js';

export interface HttpMetrics {
  /** To be used before everything that shall be counted. */
  readonly measure: RequestHandler;
  readonly refused: (type: ProblemType) => void;
}

/** What ingest promises is well below a second; the last ones are for the dashboard's searches. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

interface Bound {
  readonly count: QuickCount;
  readonly duration: QuickSeries;
}

/** @param routeOf one of few names, never the path itself */
export function createHttpMetrics(registry: Registry, routeOf: (request: Request) => string): HttpMetrics {
  const requestsOf = createQuickCounter(registry, {
    name: 'postback_http_requests_total',
    help: 'Requests by route and status; status "aborted": the client left before its answer.',
    labelNames: ['route', 'status'],
  });
  const durationsOf = createQuickHistogram(registry, {
    name: 'postback_http_request_duration_seconds',
    help: 'From the head of the request to the end of the answer.',
    label: 'route',
    buckets: SECONDS,
  });
  const problems = new Counter({
    name: 'postback_http_problems_total',
    help: 'Answers that were problems, by type (docs/errors).',
    labelNames: ['type'],
    registers: [registry],
  });
  for (const type of PROBLEM_TYPES) problems.inc({ type }, 0); // so that the first one is seen as an increase
  const bound = new Map<string, Bound>();
  const durations = new Map<string, QuickSeries>();

  function bind(route: string, status: string): Bound {
    const key = `${route} ${status}`;
    const found = bound.get(key);
    if (found) return found;
    const duration = durations.get(route) ?? durationsOf(route);
    durations.set(route, duration);
    const made = { count: requestsOf({ route, status }), duration };
    bound.set(key, made);
    return made;
  }

  return {
    measure: (request, response, next) => {
      const startedAt = performance.now();
      response.once('close', () => {
        const status = response.writableFinished ? String(response.statusCode) : 'aborted';
        const { count, duration } = bind(routeOf(request), status);
        count.add(1);
        duration.observe((performance.now() - startedAt) / 1_000);
      });
      next();
    },
    refused: (type) => problems.inc({ type }),
  };
}
