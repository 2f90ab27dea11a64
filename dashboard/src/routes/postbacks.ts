/** /api/postbacks: where postbacks are and what became of them, by id or reference; and erasing what is kept of one. */
import type { Redactor } from '@postback/core/redact/redactor';
import { Problem } from '@postback/core/problem';
import express, { type Request, type Response, type Router } from 'express';
import { audit } from '../audit.js';
import { erasePostback, type EraseDeps } from '../status/erasePostback.js';
import { findByReference, type ReferenceDeps } from '../status/findByReference.js';
import { readStatus, type StatusDeps } from '../status/readStatus.js';
import { showStatus } from '../status/showStatus.js';
import type { Watcher } from '../status/watcher.js';
import { inputOf, isPostbackId, readJson } from './input.js';

export type PostbacksDeps = StatusDeps &
  ReferenceDeps &
  EraseDeps & {
    readonly redactor: Redactor;
    readonly watcher: Watcher;
    readonly isStopping: () => boolean;
  };

/** Below the time that nginx waits for an answer. */
const MAX_WAIT_SECONDS = 30;
const MAX_FOUND = 100;

export function postbacksRouter(deps: PostbacksDeps): Router {
  const router = express.Router();
  router.get('/postbacks', (request, response) => list(request, response, deps));
  router.get('/postbacks/:id', (request, response) => show(request, response, deps));
  router.post('/postbacks/:id/erase', ...readJson, (request, response) => erase(request, response, deps));
  return router;
}

async function show(request: Request, response: Response, deps: PostbacksDeps): Promise<void> {
  const input = inputOf(request.query, ['waitSeconds']);
  const waitMs = (input.whole('waitSeconds', { min: 0, max: MAX_WAIT_SECONDS }) ?? 0) * 1_000;
  input.end();
  const id = request.params['id'] as string;
  const isOver = () => response.destroyed || deps.isStopping();
  const read = () => readStatus(id, deps);
  const status = isPostbackId(id) ? await deps.watcher.watch(read, { waitMs, isOver }) : undefined;
  if (!status) throw unknown(id);
  response.json(showStatus(status, deps.redactor));
}

async function list(request: Request, response: Response, deps: PostbacksDeps): Promise<void> {
  const input = inputOf(request.query, ['reference', 'limit']);
  const reference = input.text('reference');
  const limit = input.whole('limit', { min: 1, max: MAX_FOUND }) ?? 20;
  input.end();
  if (reference === undefined) throw new Problem('invalid-request', { detail: 'expected ?reference=' });
  const { ids, isComplete } = await findByReference(reference, limit, deps);
  const found = await Promise.all(ids.map((id) => readStatus(id, deps)));
  const postbacks = found.flatMap((status) => (status ? [showStatus(status, deps.redactor)] : []));
  response.json({ postbacks, isComplete });
}

async function erase(request: Request, response: Response, deps: PostbacksDeps): Promise<void> {
  const id = request.params['id'] as string;
  if (!isPostbackId(id)) throw unknown(id);
  const erasure = await erasePostback(id, deps);
  switch (erasure.kind) {
    case 'pending':
      throw new Problem('postback-pending', {
        detail: `${id} is in the hands of a worker`,
        headers: { 'Retry-After': '5' },
      });
    case 'unknown':
      throw unknown(id);
    case 'erased': {
      const { wasQueued, letters, attempts } = erasure;
      audit(response, 'erase', { ids: [id], was_queued: wasQueued, letters, attempts });
      response.json({ erased: id, wasQueued, letters, attempts });
    }
  }
}

function unknown(id: string): Problem {
  return new Problem('unknown-or-expired', {
    detail: `nothing is known of ${id.slice(0, 64)}: it was never accepted, or it ended so long ago that nothing is kept of it`,
  });
}
