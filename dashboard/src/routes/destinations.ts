/** Destinations: how each is doing, and an operator's pause of one. */
import { Problem } from '@postback/core/problem';
import type { Destinations } from '@postback/core/queue/destinations';
import type { Queue } from '@postback/core/queue/queue';
import { DESTINATION_MINUTES } from '@postback/core/queue/scripts/recordStats';
import type { Stats } from '@postback/core/queue/stats';
import { OTHER_DESTINATIONS } from '@postback/core/stats/recorder';
import express, { type Request, type Response, type Router } from 'express';
import { audit } from '../audit.js';
import { parseDestination } from '../dead/destination.js';
import { DESTINATION_ORDERS, listDestinations, showDestination } from '../destinations/listDestinations.js';
import { showVolume } from '../destinations/volume.js';
import { spanOf } from '../series/series.js';
import { inputOf, readJson, type Members } from './input.js';

export interface DestinationsDeps {
  readonly destinations: Pick<
    Destinations,
    'readDestinations' | 'parkedDestinations' | 'readDestination' | 'pauseDestination' | 'resumeDestination'
  >;
  readonly queue: Pick<Queue, 'time'>;
  readonly stats: Pick<Stats, 'destinations'>;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
const MAX_OFFSET = 1_000_000;
const DEFAULT_MINUTES = 60;
const REASON_LIMIT = 500;

export function destinationsRouter(deps: DestinationsDeps): Router {
  const router = express.Router();
  router.get('/destinations', (request, response) => list(request, response, deps));
  router.post('/destinations/:destination/pause', ...readJson, (request, response) => pause(request, response, deps));
  router.post('/destinations/:destination/resume', ...readJson, (request, response) => resume(request, response, deps));
  return router;
}

/** @throws Problem when the path names none */
export function destinationIn(request: Request): string {
  const destination = parseDestination(String(request.params['destination']));
  if (destination !== undefined) return destination;
  throw new Problem('invalid-request', { detail: 'expected a destination such as https://partner.example:443' });
}

/** A cursor is how many were seen. */
async function list(request: Request, response: Response, deps: DestinationsDeps): Promise<void> {
  const input = inputOf(request.query, ['limit', 'cursor', 'all', 'minutes', 'sort']);
  const limit = input.whole('limit', { min: 1, max: MAX_LIMIT }) ?? DEFAULT_LIMIT;
  const offset = input.whole('cursor', { min: 0, max: MAX_OFFSET }) ?? 0;
  const isAll = input.flag('all');
  const minutes = input.whole('minutes', { min: 1, max: DESTINATION_MINUTES }) ?? DEFAULT_MINUTES;
  const order = input.other('sort', DESTINATION_ORDERS.join(', '), (value) =>
    DESTINATION_ORDERS.find((known) => known === value),
  );
  input.end();
  const now = await deps.queue.time();
  const span = spanOf(minutes, now);
  const volumes = await deps.stats.destinations(span.first, span.last);
  const other = volumes.get(OTHER_DESTINATIONS);
  volumes.delete(OTHER_DESTINATIONS);
  const query = { offset, limit, now, volumes, isAll, order: order ?? 'parked' };
  const page = await listDestinations(deps.destinations, query);
  const seen = offset + page.destinations.length;
  response.json({
    destinations: page.destinations.map((destination) => showDestination(destination, now)),
    total: page.total,
    next: seen < page.total && page.destinations.length > 0 ? String(seen) : null,
    other: other && showVolume(other),
  });
}

async function pause(request: Request, response: Response, deps: DestinationsDeps): Promise<void> {
  const destination = destinationIn(request);
  const input = inputOf(request.body as Members, ['reason']);
  const short = `a text of at most ${REASON_LIMIT} characters`;
  const readShort = (value: unknown) =>
    typeof value === 'string' && value.length <= REASON_LIMIT && value.isWellFormed() ? value : undefined;
  const reason = input.other('reason', short, readShort) ?? 'by hand';
  input.end();
  await deps.destinations.pauseDestination(destination, { by: 'operator', reason });
  audit(response, 'pause', { destination, reason });
  await answerState(destination, response, deps);
}

async function resume(request: Request, response: Response, deps: DestinationsDeps): Promise<void> {
  const destination = destinationIn(request);
  await deps.destinations.resumeDestination(destination);
  audit(response, 'resume', { destination });
  await answerState(destination, response, deps);
}

async function answerState(destination: string, response: Response, { destinations }: DestinationsDeps): Promise<void> {
  const { pause: current } = await destinations.readDestination(destination);
  if (!current) return void response.json({ destination, paused: false });
  const { since, by, reason } = current;
  response.json({ destination, paused: true, since: new Date(since).toISOString(), by, reason });
}
