/** GET /api/events: server-sent events, so that a page shows what goes on without asking. */
import type { Clock } from '@postback/core/clock';
import { Problem } from '@postback/core/problem';
import express, { type Request, type Response, type Router } from 'express';
import { whoIs } from '../access/who.js';
import type { Feed } from '../events/feed.js';
import { ATTEMPT_FILTER_MEMBERS, readAttemptFilter } from './attempts.js';
import { inputOf } from './input.js';

export interface EventsDeps {
  readonly feed: Pick<Feed, 'open'>;
  readonly clock: Clock;
  readonly isStopping: () => boolean;
}

const RETRY_MS = 1_000;

export function eventsRouter(deps: EventsDeps): Router {
  const router = express.Router();
  router.get('/events', (request, response) => listen(request, response, deps));
  return router;
}

function listen(request: Request, response: Response, { feed, clock, isStopping }: EventsDeps): void {
  const input = inputOf(request.query, ['attempts', ...ATTEMPT_FILTER_MEMBERS]);
  const filter = readAttemptFilter(input);
  const wantsAttempts = input.flag('attempts');
  input.end();
  // X-Accel-Buffering: nginx passes each event on as it comes.
  const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' };
  if (request.method === 'HEAD') return void response.set(headers).end();
  const expiresAt = whoIs(response)?.expiresAt;
  const close = feed.open({
    filter: wantsAttempts ? filter : undefined,
    send: (text) => {
      if (response.headersSent && !response.writableNeedDrain) response.write(text);
    },
    isOver: () => expiresAt !== undefined && clock.now() >= expiresAt,
    end: () => void response.end(),
  });
  if (!close) throw refusal(isStopping());
  response.on('close', close);
  response.set(headers).flushHeaders();
  response.write(`retry: ${RETRY_MS}\n\n`);
}

function refusal(isStopping: boolean): Problem {
  const headers = { 'Retry-After': '1' };
  if (isStopping) return new Problem('service-unavailable', { detail: 'the service is stopping', headers });
  return new Problem('too-many-requests', { detail: 'too many pages listen already', headers });
}
