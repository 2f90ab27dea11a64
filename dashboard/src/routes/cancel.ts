/** Cancelling: one postback by its id, or all that wait for a destination. */
import { Problem } from '@postback/core/problem';
import express, { type Request, type Response, type Router } from 'express';
import { audit } from '../audit.js';
import { CANCEL_START, cancelDestination, isCancelPlace, type CancelCursor } from '../dead/cancelDestination.js';
import { cancelPostback, type CancelDeps } from '../dead/cancelPostback.js';
import { destinationIn } from './destinations.js';
import { inputOf, isPostbackId, readJson, type Members } from './input.js';

export function cancelRouter(deps: CancelDeps): Router {
  const router = express.Router();
  router.delete('/postbacks/:id', (request, response) => cancelOne(request.params.id, response, deps));
  router.post('/destinations/:destination/cancel', ...readJson, (request, response) =>
    cancelAll(request, response, deps),
  );
  return router;
}

async function cancelOne(id: string, response: Response, deps: CancelDeps): Promise<void> {
  const unknown = new Problem('not-found', {
    detail: `${id.slice(0, 64)} does not wait: it was delivered, purged, or never accepted`,
  });
  if (!isPostbackId(id)) throw unknown;
  switch (await cancelPostback(id, deps)) {
    case 'cancelled':
      audit(response, 'cancel', { cancelled: 1, ids: [id] });
      return void response.json({ cancelled: id });
    case 'pending':
      throw new Problem('postback-pending', {
        detail: `${id} is in the hands of a worker`,
        headers: { 'Retry-After': '5' },
      });
    case 'dead':
      throw new Problem('already-dead', { detail: `${id} died before` });
    case 'unknown':
      throw unknown;
  }
}

/** A step: the answer's cursor, sent back, goes on where it ended. */
async function cancelAll(request: Request, response: Response, deps: CancelDeps): Promise<void> {
  const input = inputOf(request.body as Members, ['cursor']);
  const from = input.other('cursor', 'a cursor of an earlier answer', readPlace) ?? CANCEL_START;
  input.end();
  const destination = destinationIn(request);
  const { cancelled, scanned, next } = await cancelDestination(destination, from, deps);
  audit(response, 'cancel', { cancelled, destination });
  response.json({ destination, cancelled, scanned, next: next ? `${next.place}_${next.at}` : null });
}

function readPlace(value: unknown): CancelCursor | undefined {
  const [place = '', at = '', ...more] = String(value).split('_');
  const isPlain = place === 'delayed' ? /^\d{0,19}$/.test(at) : /^(\d{1,15}-\d{1,15})?$/.test(at);
  return isPlain && more.length === 0 && isCancelPlace(place) ? { place, at } : undefined;
}
